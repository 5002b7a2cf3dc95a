import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { nodeListener } from "resetkit/adapters/node";
import { createHandler } from "resetkit/http";
import { handlerCases, handlerSuite, runHandlerCase, type Mounting, type Serve } from "resetkit/testing";
import { serve } from "../http/drive.js";

/** A bridge as people write it in ten minutes; what a test names is done right. */
function hasty(
  { reset, path, options }: Mounting,
  { bytes = 1_048_576, ip = (req: IncomingMessage) => req.socket.remoteAddress } = {},
) {
  const handler = createHandler(reset, { basePath: path, ...options });
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) {
      chunks.push(chunk as Buffer);
      if (Buffer.concat(chunks).length > bytes) return void res.destroy();
    }
    const answer = await handler.plain({
      method: req.method!,
      path: req.url!.split("?")[0]!,
      query: "",
      ip: ip(req),
      header: (name) => req.headers[name] as string | undefined,
      body: () => ({ kind: "bytes", bytes: Buffer.concat(chunks) }),
    });
    res.writeHead(answer?.status ?? 404, answer?.headers as never).end(answer?.body);
  };
}

/** The cases that an adapter fails, of those that are named by a word. */
async function failing(start: Serve, ...words: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for (const one of handlerCases) {
    if (!words.some((word) => one.name.includes(word))) continue;
    await runHandlerCase(one, start).catch(() => names.push(one.name));
  }
  return names;
}

const careless = (run: (req: IncomingMessage, res: ServerResponse) => Promise<void>) =>
  serve((req, res) => void run(req, res).catch(() => res.destroy()));

describe("the suite of adapters", () => {
  it("has no two cases of one name", () => {
    const names = handlerCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("asks for a test runner", () => {
    expect(() => handlerSuite({}, "none", () => serve(createServer as never))).toThrow("{ describe, it }");
  });

  it("finds out an adapter that waits for whole bodies", async () => {
    const bodies = ["413 at once", "turns out too large", "too slowly", "one byte a second"];
    expect(await failing((mounting) => careless(hasty(mounting, { bytes: 20_000 })), ...bodies)).toEqual(
      handlerCases.map(({ name }) => name).filter((name) => bodies.some((word) => name.includes(word))),
    );
  }, 60_000);

  it("finds out an adapter that believes any header, or serves who is gone", async () => {
    const ip = (req: IncomingMessage) =>
      (req.headers["x-forwarded-for"] as string | undefined)?.split(",")[0] ?? req.socket.remoteAddress;
    expect(
      await failing((mounting) => careless(hasty(mounting, { ip })), "connection, whatever"),
    ).toHaveLength(1);
    expect(await failing((mounting) => careless(hasty(mounting)), "20 clients that are gone")).toHaveLength(
      1,
    );
  });

  it("finds out an adapter that lets a header choose the path, the method or the host", async () => {
    const led =
      (lead: (req: IncomingMessage) => void): Serve =>
      ({ reset, path, options }) => {
        const listener = nodeListener(reset, { basePath: path, ...options });
        return serve((req, res) => {
          lead(req);
          listener(req, res, () => res.writeHead(418).end());
        });
      };
    const header = (req: IncomingMessage, name: string) => req.headers[name] as string | undefined;
    const leads: ((req: IncomingMessage) => void)[] = [
      (req) => (req.url = header(req, "x-original-url") ?? req.url),
      (req) => (req.method = header(req, "x-http-method-override") ?? req.method),
      (req) => (req.headers["user-agent"] = header(req, "x-forwarded-host")),
    ];
    for (const lead of leads) expect(await failing(led(lead), "nor host")).toHaveLength(1);
    expect(
      await failing(
        led(() => undefined),
        "nor host",
      ),
    ).toEqual([]);
  });

  it("finds out an adapter that drops what the application says of a request", async () => {
    const deaf: Serve = ({ reset, path, options: { context: _, ...options } }) =>
      serve(nodeListener(reset, { basePath: path, ...options }));
    expect(await failing(deaf, "waitUntil", "application's context")).toHaveLength(2);
  });

  it("finds out an adapter that forgets where it is mounted, or whose application loses headers", async () => {
    const lost: Serve = ({ reset, options }) => serve(nodeListener(reset, options));
    expect(await failing(lost, "any path", "keeps those", "answers 405")).toEqual([
      "answers below any path that it is mounted at",
      "sends its headers, and keeps those that the application has set",
    ]);
  });
});
