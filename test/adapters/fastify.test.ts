import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { resetPlugin } from "resetkit/adapters/fastify";
import { createHandler } from "resetkit/http";
import { handlerSuite } from "resetkit/testing";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packages } from "../servers/packages.js";
import { send } from "../../src/testing/handler/wire.js";
import { json, type Drive } from "../http/drive.js";
import { makeKit } from "../kit.js";
import { behind, framework, versionOf } from "./framework.js";

const mount = "/api/password_reset";
const asking = json({ email: "ada@example.com" });

async function listen(app: FastifyInstance): Promise<number> {
  return Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port);
}

const parsers: Readonly<Record<string, (app: FastifyInstance) => unknown>> = {
  "a parser of forms": (app) =>
    app.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string" },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
    ),
  "a parser of everything": (app) =>
    app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body)),
  "no parser of Fastify's": (app) => app.removeAllContentTypeParsers(),
  "a hook that takes its time": (app) =>
    app.addHook("preParsing", async () => new Promise((resolve) => setTimeout(resolve, 20))),
};

framework({ name: "Fastify", version: versionOf("fastify"), ran: behind(parsers) }, () =>
  handlerSuite(
    { describe, it },
    "resetPlugin",
    async ({ reset, path, options, parser }) => {
      const app = fastify();
      if (parser) parsers[parser]!(app);
      app.addHook("onRequest", async (_request, reply) => void reply.header("x-app", "kept"));
      app.setNotFoundHandler((_request, reply) => reply.code(418).send());
      app.register(resetPlugin, { reset, prefix: path, ...options });
      return { port: await listen(app), close: () => app.close() };
    },
    { parsers: Object.keys(parsers).map((name) => ({ name })) },
  ),
);

describe("resetPlugin", () => {
  let app: FastifyInstance;
  afterEach(() => app.close());

  const start = async (): Promise<Drive> => {
    const port = await listen(app);
    return (sent) => send(port, sent);
  };

  it("answers at /api/password_reset, below the prefixes around it, where it is told none", async () => {
    app = fastify();
    const { reset } = makeKit();
    app.register(resetPlugin, { reset });
    app.register(async (tenant) => void tenant.register(resetPlugin, { reset }), { prefix: "/:tenant" });
    const drive = await start();
    for (const path of [mount, `${mount}/`, `/acme${mount}`, `/acme${mount}/?x=/y`]) {
      expect((await drive({ path, ...asking })).status, path).toBe(200);
    }
    expect((await drive({ path: `/acme${mount}/confirm`, ...asking })).status).toBe(400);
    expect((await drive({ path: "/acme/x", ...asking })).status).toBe(404);
  });

  it("leaves the application's own routes their parsers, and its own 404s their form", async () => {
    app = fastify();
    app.register(resetPlugin, { reset: makeKit().reset, prefix: mount });
    app.post("/echo", async ({ body }) => body);
    const drive = await start();
    expect((await drive({ path: "/echo", ...json({ a: 1 }) })).body).toBe('{"a":1}');
    expect((await drive({ path: "/echo", body: "a=1", headers: { "content-type": "a/b" } })).status).toBe(
      415,
    );
    const missing = await drive({ path: `${mount}/other`, ...asking });
    expect(JSON.parse(missing.body)).toMatchObject({ error: "Not Found", statusCode: 404 });
  });

  it("runs the application's hooks, and lets them refuse in the application's words", async () => {
    app = fastify();
    const seen: string[] = [];
    for (const hook of ["onRequest", "preHandler", "onResponse"] as const) {
      app.addHook(hook, async (request: FastifyRequest) => {
        seen.push(hook);
        if (hook === "preHandler" && request.headers["x-blocked"]) throw new Error("blocked");
      });
    }
    app.setErrorHandler((error: Error, _request, reply) => reply.code(403).send({ said: error.message }));
    app.register(resetPlugin, { reset: makeKit().reset, prefix: mount });
    const drive = await start();
    expect((await drive({ path: mount, ...asking })).status).toBe(200);
    await expect.poll(() => seen).toEqual(["onRequest", "preHandler", "onResponse"]);
    const blocked = await drive({
      path: mount,
      body: asking.body,
      headers: { ...asking.headers, "x-blocked": "1" },
    });
    expect([blocked.status, blocked.body]).toEqual([403, '{"said":"blocked"}']);
  });

  it("gives the application's context Fastify's own request", async () => {
    app = fastify();
    app.decorateRequest("tenant", "acme");
    const kit = makeKit();
    const scopes: unknown[] = [];
    app.register(resetPlugin, {
      reset: kit.reset,
      prefix: mount,
      context: (request: FastifyRequest & { tenant?: string }) => {
        scopes.push(request.tenant);
      },
    });
    const drive = await start();
    expect((await drive({ path: mount, ...asking })).status).toBe(200);
    expect(scopes).toEqual(["acme"]);
  });

  it("takes a handler, and refuses what cannot work, with the fix", async () => {
    app = fastify();
    const { reset } = makeKit();
    app.register(resetPlugin, {
      reset: createHandler(reset, { field: "login", format: "text" }),
      prefix: "/r",
    });
    const drive = await start();
    expect((await drive({ path: "/r", ...json({ login: "ada" }) })).status).toBe(200);
    const wrong = { reset, basePath: "/r" } as never;
    await expect(fastify().register(resetPlugin, wrong).ready()).rejects.toThrow("Pass prefix");
  });
});

describe("Fastify's inject", () => {
  it("is answered at once", async () => {
    const app = fastify();
    void app.register(resetPlugin, { reset: makeKit().reset });
    const before = performance.now();
    const sent = {
      method: "POST",
      url: "/api/password_reset/",
      payload: { email: "ada@example.com" },
    } as const;
    expect((await app.inject(sent)).statusCode).toBe(200);
    const first = performance.now() - before;
    const again = performance.now();
    for (let n = 0; n < 5; n++) await app.inject(sent);
    // A connection that lingers takes a second for each.
    expect((performance.now() - again) / 5).toBeLessThan(Math.max(900, first));
    await app.close();
  });

  it("works through @fastify/aws-lambda, as a call of a function", async () => {
    const modules = await packages("fastify-lambda", { dependencies: { "@fastify/aws-lambda": "6.4.1" } });
    const { default: awsLambda } = await import(
      pathToFileURL(join(modules, "@fastify/aws-lambda/index.js")).href
    );
    const app = fastify();
    app.addHook("onSend", async (_request, reply) => void reply.header("set-cookie", "lang=de"));
    const kit = makeKit();
    void app.register(resetPlugin, { reset: kit.reset, trustProxy: 1 });
    const call = awsLambda(app);
    const event = (path: string, body: object) => ({
      version: "2.0",
      rawPath: path,
      headers: { "content-type": "application/json", "x-forwarded-for": "192.0.2.7" },
      requestContext: { http: { method: "POST", path } },
      body: JSON.stringify(body),
      isBase64Encoded: false,
    });
    const asked = await call(event(`${mount}/`, { email: "ada@example.com" }), {});
    expect([asked.statusCode, asked.body, asked.cookies]).toEqual([200, '{"status":"OK"}', ["lang=de"]]);
    await kit.reset.drain();
    expect(kit.mails).toHaveLength(1);
    expect((await call(event(`${mount}/confirm/`, { token: "x", password: "y" }), {})).statusCode).toBe(404);
    await app.close();
  });
});
