import express, { type Express, type RequestHandler } from "express";
// @ts-expect-error -- @types/express describes one of the two
import express4 from "express4";
import { afterEach, describe, expect, it } from "vitest";
import { resetMiddleware } from "../../src/adapters/express.js";
import { createHandler } from "../../src/http/handler.js";
import type { PasswordReset, ResetContext } from "../../src/types.js";
import { goodPassword, makeKit } from "../kit.js";
import { json, serve, type Sent, type Served } from "../http/drive.js";

const open: Served[] = [];
afterEach(async () => {
  for (const served of open.splice(0)) await served.close();
});

const versions: Readonly<Record<string, typeof express>> = {
  "Express 5": express,
  "Express 4": express4 as typeof express,
};

const mount = "/api/password_reset";
const form = (fields: Record<string, string>): Pick<Sent, "headers" | "body"> => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
});

async function listen(app: Express): Promise<Served> {
  const served = await serve(app);
  open.push(served);
  return served;
}

describe.each(Object.keys(versions))("%s", (version) => {
  const make = versions[version]!;
  const parsers: Readonly<Record<string, readonly RequestHandler[]>> = {
    "no parser": [],
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

  async function setUp(before: readonly RequestHandler[]) {
    const kit = makeKit();
    const app = make();
    for (const parser of before) app.use(parser);
    app.use(mount, resetMiddleware(kit.reset, { log: kit.log }));
    const { drive } = await listen(app);
    return { ...kit, drive };
  }

  describe.each(Object.keys(parsers))("with %s", (name) => {
    const isLoose = name.includes("loose");

    it.each([
      ["JSON", json],
      ["a form", form],
    ] as const)("does the whole job by %s", async (kind, written) => {
      // A parser of JSON that takes forms for JSON refuses them itself.
      if (isLoose && kind === "a form") return;
      const { drive, reset, mails, passwordOf } = await setUp(parsers[name]!);
      expect((await drive({ path: `${mount}/`, ...written({ email: "ada@example.com" }) })).body).toBe(
        '{"status":"OK"}',
      );
      await reset.drain();
      const { token } = mails[0] as { token: string };
      const weak = await drive({ path: `${mount}/confirm/`, ...written({ token, password: "1" }) });
      expect([weak.status, Object.keys(JSON.parse(weak.body))]).toEqual([400, ["password"]]);
      expect((await drive({ path: `${mount}/validate_token`, ...written({ token }) })).status).toBe(200);
      expect(
        (await drive({ path: `${mount}/confirm`, ...written({ token, password: goodPassword }) })).status,
      ).toBe(200);
      expect(passwordOf(1)).toBe(goodPassword);
    });

    it("takes an empty body for no fields, and a list for no text", async () => {
      const { drive } = await setUp(parsers[name]!);
      for (const type of ["application/json", "application/x-www-form-urlencoded"]) {
        const empty = await drive({ path: `${mount}/`, headers: { "content-type": type }, body: "" });
        expect([empty.status, JSON.parse(empty.body)]).toEqual([400, { email: ["This field is required."] }]);
      }
      expect((await drive({ path: `${mount}/` })).status).toBe(400);
      const list = await drive({ path: `${mount}/`, ...json({ email: ["ada@example.com"] }) });
      expect([list.status, Object.keys(JSON.parse(list.body))]).toEqual([400, ["email"]]);
    });

    it("never answers 5xx to bad bodies, and never hangs", async () => {
      const { drive, mails, reset } = await setUp(parsers[name]!);
      const types = [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "text/plain",
        "a/b",
      ];
      const bodies = [
        "{",
        "[]",
        '"x"',
        "5",
        "null",
        "true",
        "email=%zz",
        "email[]=a&email[]=b",
        "email[__proto__]=x",
        "\0",
        "x".repeat(20_000),
      ];
      for (const type of types) {
        for (const body of bodies) {
          const { status } = await drive({ path: `${mount}/`, headers: { "content-type": type }, body });
          expect([400, 413, 415], `${type} ${body.slice(0, 20)}`).toContain(status);
        }
      }
      const gzip = { "content-type": "application/json", "content-encoding": "gzip" };
      expect([400, 415]).toContain((await drive({ path: `${mount}/`, headers: gzip, body: "{}" })).status);
      await reset.drain();
      expect(mails).toEqual([]);
    });
  });

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

  it("gives the application's context Express's own request", async () => {
    const seen: ResetContext[] = [];
    const reset = { request: async (_: unknown, context: ResetContext) => void seen.push(context) };
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
