import express, { type Express, type RequestHandler } from "express";
// @ts-expect-error -- @types/express describes one of the two
import express4 from "express4";
import { afterEach, describe, expect, it } from "vitest";
import { resetMiddleware } from "../../src/adapters/express.js";
import { createHandler } from "../../src/http/handler.js";
import type { PasswordReset, ResetContext } from "../../src/types.js";
import { handlerSuite } from "../../src/testing/index.js";
import { makeKit } from "../kit.js";
import { json, serve, type Served } from "../http/drive.js";
import { behind, framework, versionOf } from "./framework.js";

const open: Served[] = [];
afterEach(async () => {
  for (const served of open.splice(0)) await served.close();
});

const versions: Readonly<Record<string, typeof express>> = {
  express,
  express4: express4 as typeof express,
};

const mount = "/api/password_reset";
async function listen(app: Express): Promise<Served> {
  const served = await serve(app);
  open.push(served);
  return served;
}

describe.each(Object.keys(versions))("%s", (installed) => {
  const make = versions[installed]!;
  const parsers: Readonly<Record<string, readonly RequestHandler[]>> = {
    "express.json()": [make.json()],
    "express.urlencoded()": [make.urlencoded({ extended: true })],
    "both parsers": [make.json(), make.urlencoded({ extended: false })],
    "both parsers, loose": [make.json({ strict: false, type: "*/*" }), make.urlencoded({ extended: true })],
    "express.text() for everything": [make.text({ type: "*/*" })],
    "express.raw() for everything": [make.raw({ type: "*/*" })],
    "a parser of other types": [
      make.json({ type: "application/vnd.api+json" }),
      make.text({ type: "text/plain" }),
    ],
    "a parser that runs late": [(_req, _res, next) => void setTimeout(next, 20)],
  };

  framework({ name: "Express", version: versionOf(installed), ran: behind(parsers) }, () =>
    handlerSuite(
      { describe, it },
      "resetMiddleware",
      ({ reset, path, options, parser }) => {
        const app = make();
        for (const each of parser ? parsers[parser]! : []) app.use(each);
        app.use((_req, res, next) => {
          res.set("x-app", "kept");
          next();
        });
        app.use(path, resetMiddleware(reset, options));
        app.use((_req, res) => void res.status(418).end());
        return serve(app);
      },
      {
        // A parser of JSON that takes every body for JSON refuses forms itself.
        parsers: Object.keys(parsers).map((name) => ({
          name,
          refuses: name.includes("loose") ? ["form", "multipart"] : [],
        })),
      },
    ),
  );

  it("answers below the path that it is mounted at, and hands on what is not its own", async () => {
    const { reset } = makeKit();
    const app = make();
    const router = make.Router();
    router.use("/reset", resetMiddleware(reset));
    app.use("/:tenant/auth", router);
    app.use((_req, res) => void res.status(418).end());
    const { drive } = await listen(app);
    const status = async (path: string) =>
      (await drive({ path, ...json({ email: "ada@example.com" }) })).status;
    expect(await status("/acme/auth/reset")).toBe(200);
    expect(await status("/acme/auth/reset/?x=1")).toBe(200);
    expect(await status("/acme/auth/reset/confirm/")).toBe(400);
    expect(await status("/acme/auth/reset/other")).toBe(418);
    expect(await status("/acme/auth/resets")).toBe(418);
    expect(await status("/api/password_reset/")).toBe(418);
    expect(await status("http://evil.example/acme/auth/reset/")).toBe(200);
  });

  it("mounted at the root answers below basePath, by default /api/password_reset", async () => {
    const { reset } = makeKit();
    const app = make();
    app.use(resetMiddleware(reset, { basePath: "/own" }));
    app.use(resetMiddleware(createHandler(reset)));
    app.use((_req, res) => void res.status(418).end());
    const { drive } = await listen(app);
    const status = async (path: string) =>
      (await drive({ path, ...json({ email: "ada@example.com" }) })).status;
    expect(await status("/own/")).toBe(200);
    expect(await status("/api/password_reset/")).toBe(200);
    expect(await status("/")).toBe(418);
  });

  it("follows a middleware that rewrites the address", async () => {
    const { reset } = makeKit();
    const app = make();
    app.use((req, _res, next) => {
      req.url = req.url.replace(/^\/v2/, "");
      next();
    });
    app.use(mount, resetMiddleware(reset));
    const { drive } = await listen(app);
    expect((await drive({ path: `/v2${mount}/`, ...json({ email: "ada@example.com" }) })).status).toBe(200);
  });

  it("leaves the body of what it hands on to a parser after it", async () => {
    const app = make();
    app.use(mount, resetMiddleware(makeKit().reset));
    app.use(make.json());
    app.use((req, res) => void res.json(req.body));
    const { drive } = await listen(app);
    for (const path of ["/other", `${mount}/other`]) {
      expect((await drive({ path, ...json({ email: "ada@example.com" }) })).body).toBe(
        '{"email":"ada@example.com"}',
      );
    }
    expect((await drive({ path: mount, ...json({ email: "ada@example.com" }) })).body).toBe(
      '{"status":"OK"}',
    );
  });

  it("gives the application's context Express's own request", async () => {
    const seen: ResetContext[] = [];
    const reset = { request: async (_: unknown, context: ResetContext) => (seen.push(context), {}) };
    const app = make();
    app.use((req, _res, next) => {
      Object.assign(req, { tenant: "acme" });
      next();
    });
    const context = (req: object) => ({ scope: (req as { tenant: string }).tenant });
    app.use(mount, resetMiddleware(reset as Partial<PasswordReset> as PasswordReset, { context }));
    const { drive } = await listen(app);
    await drive({ path: `${mount}/`, ...json({ email: "ada@example.com" }) });
    expect(seen).toMatchObject([{ scope: "acme", ip: "127.0.0.1" }]);
  });

  it("answers 413 where a parser has let more through than limits.maxBytes", async () => {
    const { reset, log } = makeKit();
    const app = make();
    app.use(make.raw({ type: "*/*", limit: "1mb" }));
    app.use(mount, resetMiddleware(reset, { log, limits: { maxBytes: 1_024 } }));
    const { drive } = await listen(app);
    const sent = json({ email: "ada@example.com", more: "x".repeat(2_000) });
    expect((await drive({ path: `${mount}/`, ...sent })).status).toBe(413);
  });
});
