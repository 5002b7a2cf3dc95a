import { createServer, request as httpRequest, type Server } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { connect, type AddressInfo, type Socket } from "node:net";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { nodeListener } from "../../src/adapters/node.js";
import { createHandler, type HandlerOptions } from "../../src/http/handler.js";
import type { PasswordReset, ResetContext, ResetOptions } from "../../src/types.js";
import { json, serve, type Served } from "../http/drive.js";
import { makeKit, type Person } from "../kit.js";

const path = "/api/password_reset/";
const body = JSON.stringify({ email: "ada@example.com" });
const head = (length: number, target = path, more = "") =>
  `POST ${target} HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${more}\r\n`;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const served of open.splice(0)) await served.close();
});

async function setUp(http: HandlerOptions = {}, options: Partial<ResetOptions<Person>> = {}) {
  const kit = makeKit(options);
  const served = await serve(nodeListener(kit.reset, { log: kit.log, ...http }));
  open.push(served);
  return { ...kit, ...served };
}

interface Raw {
  readonly socket: Socket;
  /** All that came until the server hung up, or what came when `done` said that it is enough. */
  read(done?: (text: string) => boolean): Promise<string>;
}

function raw({ port }: Pick<Served, "port">): Raw {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  let ended = false;
  socket.on("data", (chunk) => (text += chunk));
  socket.on("error", () => (ended = true));
  socket.on("close", () => (ended = true));
  return {
    socket,
    async read(done = () => false) {
      const start = Date.now();
      while (!ended && !done(text) && Date.now() - start < 5_000) await sleep(5);
      return text;
    },
  };
}

const bodyArrived = (text: string) => /\r\n\r\n.*\}$/s.test(text);

async function exchange(served: Pick<Served, "port">, ...bytes: (string | Uint8Array)[]): Promise<string> {
  const { socket, read } = raw(served);
  for (const part of bytes) socket.write(part);
  const text = await read(bodyArrived);
  socket.destroy();
  return text;
}

describe("the target of a request", () => {
  it.each([
    ["/api/password_reset/", 200],
    ["/api/password_reset", 200],
    ["/api/password_reset/?email=evil@example.com", 200],
    ["http://evil.example/api/password_reset/", 200],
    ["http://user:pw@evil.example:99/api/password_reset?x=/y", 200],
    ["//api/password_reset/", 404],
    ["/api//password_reset/", 404],
    ["/%61pi/password_reset/", 404],
    ["/api/password_reset%2F", 404],
    ["/x/../api/password_reset/", 404],
    ["/api/password_reset/%", 404],
    ["http://evil.example", 404],
    ["*", 404],
    ["/".repeat(5_000), 404],
  ])("%s is a %i", async (target, status) => {
    expect(await exchange(await setUp(), head(body.length, target), body)).toMatch(
      new RegExp(`^HTTP/1.1 ${status} `),
    );
  });

  it("is read without its host, which is the client's word", async () => {
    const { port, reset, mails } = await setUp();
    await exchange({ port }, head(body.length, "http://evil.example/api/password_reset/"), body);
    await reset.drain();
    expect(mails).toMatchObject([{ address: "ada@example.com" }]);
    expect(JSON.stringify(mails)).not.toContain("evil.example");
    expect((mails[0] as { url: string }).url).toMatch(
      /^https:\/\/app\.example\.com\/reset-password\/[\w-]{43}$/,
    );
  });
});

describe("a body", () => {
  it("may come byte by byte, or in chunks", async () => {
    const served = await setUp();
    const { socket, read } = raw(served);
    for (const character of head(body.length) + body) {
      socket.write(character);
      await new Promise(setImmediate);
    }
    expect(await read(bodyArrived)).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
    const chunked = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunks = [...body].map((character) => `1\r\n${character}\r\n`).join("");
    expect(await exchange(served, chunked, `${chunks}0\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
    expect(await exchange(served, chunked, "0\r\n\r\n")).toMatch(/^HTTP\/1.1 400 .*This field is required/s);
  });

  it("that says that it is too large is a 413 at once, and the connection ends", async () => {
    const { socket, read } = raw(await setUp());
    socket.write(head(1_000_000_000));
    const text = await read();
    expect(text).toMatch(/^HTTP\/1.1 413 Payload Too Large\r\n/);
    expect(text).toMatch(/connection: close/i);
    expect(text.endsWith('{"detail":"The body is too large."}')).toBe(true);
  });

  it("that turns out too large is a 413 that the client gets to read, though it goes on sending", async () => {
    const { port } = await setUp();
    for (const megabytes of [0.05, 0.9]) {
      const { socket, read } = raw({ port });
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      const piece = "x".repeat(10_000);
      for (let n = 0; n < megabytes * 100; n++) socket.write(`2710\r\n${piece}\r\n`);
      socket.write("0\r\n\r\n");
      expect(await read()).toMatch(/^HTTP\/1.1 413 .*The body is too large/s);
    }
  });

  it("that never stops does not keep the connection", async () => {
    const { socket, read } = raw(await setUp());
    socket.write(head(1_000_000_000));
    const flood = setInterval(() => socket.writable && socket.write("x".repeat(200_000)), 5);
    expect(await read()).toMatch(/^HTTP\/1.1 413 /);
    expect(socket.destroyed || socket.readableEnded).toBe(true);
    clearInterval(flood);
  });

  it("that is too slow is cut off by a 408", async () => {
    const { socket, read } = raw(await setUp({ limits: { timeout: "60ms" } }));
    socket.write(head(body.length));
    const drip = setInterval(() => socket.writable && socket.write("{"), 20);
    const start = Date.now();
    expect(await read(bodyArrived)).toMatch(/^HTTP\/1.1 408 .*The body took too long/s);
    expect(Date.now() - start).toBeLessThan(1_000);
    await read();
    clearInterval(drip);
    expect(socket.destroyed || socket.readableEnded).toBe(true);
  });

  it("that is not waited for by a 405 leaves the connection to the next request", async () => {
    const { port } = await setUp();
    const put = head(body.length).replace("POST", "PUT");
    const { socket, read } = raw({ port });
    socket.write(put + body + head(body.length) + body);
    const text = await read((seen) => seen.includes('"OK"'));
    socket.destroy();
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 405", "HTTP/1.1 200"]);
  });
});

describe("a client that hangs up", () => {
  it("in the middle of a body leaves nothing behind, and nothing in the log", async () => {
    const { port, reset, mails, log, drive } = await setUp();
    for (let n = 0; n < 20; n++) {
      const { socket } = raw({ port });
      socket.write(head(body.length) + body.slice(0, n));
      await sleep(2);
      if (n % 2) socket.destroy();
      else socket.resetAndDestroy();
    }
    await sleep(50);
    expect((await drive({ path, ...json({ email: "ada@example.com" }) })).status).toBe(200);
    await reset.drain();
    expect(mails).toHaveLength(1);
    expect(log.lines).toEqual([]);
  });

  /** Sends from 20 connections that are reset in the same turn: the server reads them when nobody is there. */
  async function sendAndVanish(port: number): Promise<void> {
    const sockets = Array.from({ length: 20 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
    await sleep(20);
    for (const socket of sockets) {
      socket.write(head(body.length) + body);
      socket.resetAndDestroy();
    }
    await sleep(200);
  }

  it("before it was counted is not served: its address is lost, and so no throttle would count it", async () => {
    const seen: (string | undefined)[] = [];
    const reset = { request: async (_: unknown, { ip }: ResetContext) => void seen.push(ip) };
    const served = await serve(nodeListener(reset as Partial<PasswordReset> as PasswordReset));
    open.push(served);
    await sendAndVanish(served.port);
    expect(seen.filter((ip) => ip === undefined)).toEqual([]);
  });

  it("is served by a listener that does not look (control)", async () => {
    const seen: (string | undefined)[] = [];
    const served = await serve((req, res) => {
      seen.push(req.socket.remoteAddress);
      res.end();
    });
    open.push(served);
    await sendAndVanish(served.port);
    expect(seen).toContain(undefined);
  });
});

describe("nodeListener", () => {
  it("tells the engine who holds the connection, and what it says of itself", async () => {
    const seen: ResetContext[] = [];
    const reset = { request: async (_: unknown, context: ResetContext) => void seen.push(context) };
    const served = await serve(nodeListener(reset as Partial<PasswordReset> as PasswordReset));
    open.push(served);
    const headers = { "content-type": "application/json", "user-agent": "probe", "accept-language": "de-AT" };
    await served.drive({ path, headers, body });
    expect(seen).toMatchObject([{ ip: "127.0.0.1", userAgent: "probe", locale: "de-AT" }]);
  });

  it("answers 404 for a path that is not its own, or hands it on", async () => {
    const { drive } = await setUp();
    expect(await drive({ method: "GET", path: "/" })).toMatchObject({
      status: 404,
      headers: { "cache-control": "no-store" },
    });
    const listener = nodeListener(makeKit().reset);
    const served = await serve((req, res) => listener(req, res, () => res.writeHead(204).end()));
    open.push(served);
    expect((await served.drive({ method: "GET", path: "/" })).status).toBe(204);
    expect((await served.drive({ method: "GET", path })).status).toBe(405);
  });

  it("answers HEAD without a body, and with no length of one", async () => {
    const { port } = await setUp();
    const { socket, read } = raw({ port });
    socket.write(`HEAD ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    const text = await read();
    expect(text).toMatch(/^HTTP\/1.1 405 Method Not Allowed\r\n/);
    expect(text).toMatch(/\r\n\r\n$/);
  });

  it("counts the length of an answer in bytes", async () => {
    const { drive } = await setUp({}, { validateReveals: () => ({ name: "Åda 💥" }) });
    const kit = await setUp({}, { validateReveals: () => ({ name: "Åda 💥" }) });
    const { token } = await kit.ask("ada@example.com");
    const answer = await kit.drive({ path: `${path}validate_token/`, ...json({ token }) });
    expect(JSON.parse(answer.body)).toEqual({ status: "OK", name: "Åda 💥" });
    expect(answer.headers["content-length"]).toBe(String(Buffer.byteLength(answer.body)));
    expect((await drive({ path: `${path}validate_token/`, ...json({ token: "x" }) })).status).toBe(404);
  });

  it("says so where the body was read and thrown away before it", async () => {
    const kit = makeKit();
    const listener = nodeListener(kit.reset, { log: kit.log });
    const served = await serve((req, res) => {
      req.resume().on("end", () => listener(req, res));
    });
    open.push(served);
    expect((await served.drive({ path, ...json({ email: "ada@example.com" }) })).status).toBe(500);
    expect(kit.log.lines.at(-1)).toMatch(/^error: .*mount resetkit before what reads it\.$/);
  });

  it("takes a handler as well as a reset, but not a handler and options", async () => {
    const { reset } = makeKit();
    const served = await serve(nodeListener(createHandler(reset, { basePath: "/r" })));
    open.push(served);
    expect((await served.drive({ path: "/r/", ...json({ email: "ada@example.com" }) })).status).toBe(200);
    expect(() => nodeListener(createHandler(reset), { field: "x" })).toThrow("pass them to createHandler()");
  });

  it("serves a socket in the file system, where there are no addresses", async () => {
    const { reset } = makeKit({ throttles: undefined });
    const server: Server = createServer(nodeListener(reset));
    const socketPath = join(mkdtempSync(join(tmpdir(), "resetkit-")), "http.sock");
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    open.push({ close: () => new Promise((resolve) => void server.close(() => resolve())) });
    const status = await new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json" };
      const req = httpRequest({ socketPath, path, method: "POST", headers, agent: false }, (res) => {
        res.resume().on("end", () => resolve(res.statusCode));
      });
      req.on("error", reject).end(body);
    });
    expect(status).toBe(200);
  });

  it("serves HTTP/2 too", async () => {
    const { reset } = makeKit();
    const listener = nodeListener(reset);
    const server = createHttp2Server((req, res) => listener(req as never, res as never));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    open.push({
      close: () =>
        new Promise((resolve) => {
          session.destroy();
          server.close(() => resolve());
        }),
    });
    const send = (sent: string) =>
      new Promise<string>((resolve, reject) => {
        const stream = session.request({
          ":method": "POST",
          ":path": path,
          "content-type": "application/json",
        });
        let text = "";
        stream.on("response", (headers) => (text = `${headers[":status"]} ${headers["content-type"]} `));
        stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
        stream.on("end", () => resolve(text)).on("error", reject);
        stream.end(sent);
      });
    expect(await send(body)).toBe('200 application/json {"status":"OK"}');
    expect(await send("x".repeat(20_000))).toBe('413 application/json {"detail":"The body is too large."}');
  });

  it("answers 50 requests that are pipelined, each once and in order", async () => {
    const { port } = await setUp();
    const { socket, read } = raw({ port });
    for (let n = 0; n < 50; n++) {
      const one = n % 2 ? body : "{}";
      socket.write(head(one.length) + one);
    }
    const text = await read((seen) => seen.split("HTTP/1.1 ").length === 51 && bodyArrived(seen));
    socket.destroy();
    const statuses = text.match(/HTTP\/1.1 (\d+)/g)!.map((line) => line.slice(9));
    expect(statuses).toEqual(Array.from({ length: 50 }, (_, n) => (n % 2 ? "200" : "400")));
  });
});
