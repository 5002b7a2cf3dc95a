import { createServer, request as httpRequest, type Server } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { nodeListener } from "../../src/adapters/node.js";
import { createHandler, type HandlerOptions } from "../../src/http/handler.js";
import { exchange, isWhole, openWire } from "../../src/testing/handler/wire.js";
import { handlerSuite } from "../../src/testing/index.js";
import type { ResetOptions } from "../../src/types.js";
import { json, serve } from "../http/drive.js";
import { makeKit, type Person } from "../kit.js";
import { behind, framework } from "./framework.js";

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

framework({ name: "`node:http`", version: "", ran: behind({}) }, () =>
  handlerSuite({ describe, it }, "nodeListener", ({ reset, path: basePath, options }) => {
    const listener = nodeListener(reset, { basePath, ...options });
    return serve((req, res) => {
      res.setHeader("x-app", "kept");
      listener(req, res, () => res.writeHead(418).end());
    });
  }),
);

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
    const { port } = await setUp();
    expect(await exchange(port, head(body.length, target), body)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it("is read without its host, which is the client's word", async () => {
    const { port, reset, mails } = await setUp();
    await exchange(port, head(body.length, "http://evil.example/api/password_reset/"), body);
    await reset.drain();
    expect(mails).toMatchObject([{ address: "ada@example.com" }]);
    expect(JSON.stringify(mails)).not.toContain("evil.example");
    expect((mails[0] as { url: string }).url).toMatch(
      /^https:\/\/app\.example\.com\/reset-password\/[\w-]{43}$/,
    );
  });
});

describe("a body", () => {
  it("that says that it is too large is a 413 at once, and the connection ends", async () => {
    const { port } = await setUp();
    const wire = await openWire(port);
    wire.write(head(1_000_000_000));
    const text = await wire.read();
    expect(text).toMatch(/^HTTP\/1.1 413 Payload Too Large\r\n/);
    expect(text).toMatch(/connection: close/i);
    expect(text.endsWith('{"detail":"The request is too large."}')).toBe(true);
  });

  it("that is too slow is cut off by a 408, and the connection ends", async () => {
    const { port } = await setUp({ limits: { timeout: "60ms" } });
    const wire = await openWire(port);
    wire.write(head(body.length));
    const drip = setInterval(() => wire.write("{"), 20);
    expect(await wire.read(isWhole)).toMatch(/^HTTP\/1.1 408 .*The request took too long/s);
    await wire.read();
    clearInterval(drip);
    expect(wire.isOver()).toBe(true);
  });

  it("that is not waited for by a 405 leaves the connection to the next request", async () => {
    const { port } = await setUp();
    const put = head(body.length).replace("POST", "PUT");
    const wire = await openWire(port);
    wire.write(put + body + head(body.length) + body);
    const text = await wire.read((seen) => seen.includes('"OK"'));
    wire.close();
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 405", "HTTP/1.1 200"]);
  });
});

describe("nodeListener", () => {
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
    const wire = await openWire(port);
    wire.write(`HEAD ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    const text = await wire.read();
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
    expect(kit.log.lines.at(-1)).toMatch(/^error: .*Mount resetkit before the middleware that reads it\.$/);
  });

  it("takes a handler as well as a reset, but not a handler and options", async () => {
    const { reset } = makeKit();
    const served = await serve(nodeListener(createHandler(reset, { basePath: "/r" })));
    open.push(served);
    expect((await served.drive({ path: "/r/", ...json({ email: "ada@example.com" }) })).status).toBe(200);
    expect(() => nodeListener(createHandler(reset), { field: "x" })).toThrow("Pass them to createHandler()");
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
    expect(await send("x".repeat(20_000))).toBe(
      '413 application/json {"detail":"The request is too large."}',
    );
  });
});
