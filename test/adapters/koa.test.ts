import Koa, { type Context, type Middleware } from "koa";
import { afterEach, describe, expect, it } from "vitest";
import { resetMiddleware } from "resetkit/adapters/koa";
import { createHandler } from "resetkit/http";
import { handlerSuite } from "resetkit/testing";
import { json, serve, type Served } from "../http/drive.js";
import { makeKit } from "../kit.js";
import { behind, framework, versionOf } from "./framework.js";

const mount = "/api/password_reset";
const asking = json({ email: "ada@example.com" });

/** Mounts as koa-mount does: takes the prefix off the path, and names it in `mountPath`. */
function mounted(prefix: string, middleware: Middleware): Middleware {
  return async (ctx, next) => {
    const { path } = ctx;
    if (path !== prefix && !path.startsWith(`${prefix}/`)) return next();
    const below = path.slice(prefix.length) || "/";
    Object.assign(ctx, { mountPath: prefix, path: below });
    await middleware(ctx, async () => {
      ctx.path = path;
      await next();
      ctx.path = below;
    });
    ctx.path = path;
  };
}

type Parse = (text: string) => unknown;

/** Reads whole bodies, as parsers do, where their type is one of theirs; the others get `{}` and stay unread. */
function parser(...kinds: readonly (readonly [RegExp, Parse])[]): Middleware {
  return async (ctx, next) => {
    const parse = kinds.find(([type]) => type.test(ctx.get("content-type")))?.[1];
    let body: unknown = {};
    if (parse) {
      let text = "";
      for await (const chunk of ctx.req.setEncoding("utf8")) text += chunk;
      try {
        if (text !== "") body = parse(text);
      } catch {
        ctx.throw(400, "malformed");
      }
    }
    Object.assign(ctx.request, { body });
    await next();
  };
}

const asForm: Parse = (text) => Object.fromEntries(new URLSearchParams(text));

const parsers: Readonly<Record<string, Middleware>> = {
  "a parser of JSON": parser([/^application\/json/, JSON.parse]),
  "a parser of JSON and forms": parser([/^application\/json/, JSON.parse], [/urlencoded/, asForm]),
  "a parser of other types": parser([/^application\/vnd.api\+json/, JSON.parse]),
  "a parser that gives the text": parser([/./, (text) => text]),
  "a middleware that takes its time": async (_ctx, next) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await next();
  },
};

/** Koa prints what clients do wrong on standard error. */
function quiet(): Koa {
  const app = new Koa();
  app.silent = true;
  return app;
}

framework({ name: "Koa", version: versionOf("koa"), ran: behind(parsers) }, () =>
  handlerSuite(
    { describe, it },
    "resetMiddleware",
    async ({ reset, path, options, parser: name }) => {
      const app = quiet();
      if (name) app.use(parsers[name]!);
      app.use((ctx, next) => {
        ctx.set("x-app", "kept");
        return next();
      });
      app.use(mounted(path, resetMiddleware(reset, options)));
      app.use((ctx) => void (ctx.status = 418));
      return serve(app.callback());
    },
    { parsers: Object.keys(parsers).map((name) => ({ name })) },
  ),
);

describe("resetMiddleware for Koa", () => {
  const open: Served[] = [];
  afterEach(async () => {
    for (const served of open.splice(0)) await served.close();
  });

  const start = async (app: Koa) => {
    const served = await serve(app.callback());
    open.push(served);
    return served.drive;
  };

  it("unmounted answers below basePath, by default /api/password_reset, and hands on the rest", async () => {
    const { reset } = makeKit();
    const app = quiet();
    app.use(resetMiddleware(reset, { basePath: "/own" }));
    app.use(resetMiddleware(createHandler(reset)));
    app.use((ctx) => void (ctx.body = "the application's"));
    const drive = await start(app);
    expect((await drive({ path: "/own/", ...asking })).status).toBe(200);
    expect((await drive({ path: mount, ...asking })).status).toBe(200);
    expect(await drive({ path: "/", ...asking })).toMatchObject({ status: 200, body: "the application's" });
  });

  it("leaves the body of what it hands on to a parser after it", async () => {
    const app = quiet();
    app.use(resetMiddleware(makeKit().reset));
    app.use(parsers["a parser of JSON"]!);
    app.use((ctx) => void (ctx.body = (ctx.request as { body?: unknown }).body));
    const drive = await start(app);
    for (const path of ["/other", `${mount}/other`]) {
      expect((await drive({ path, ...asking })).body).toBe(asking.body);
    }
    expect((await drive({ path: mount, ...asking })).body).toBe('{"status":"OK"}');
  });

  it("works inside middlewares that look at the answer afterwards", async () => {
    const app = quiet();
    const seen: number[] = [];
    app.use(async (ctx, next) => {
      await next();
      seen.push(ctx.status);
      ctx.set("x-late", "1");
    });
    app.use(resetMiddleware(makeKit().reset));
    const drive = await start(app);
    expect((await drive({ path: mount, ...asking })).body).toBe('{"status":"OK"}');
    expect(seen).toEqual([200]);
  });

  it("lets the application's own errors through", async () => {
    const app = quiet();
    app.use(async (ctx, next) => {
      await next().catch((error: Error) => {
        ctx.status = 403;
        ctx.body = error.message;
      });
    });
    app.use(resetMiddleware(makeKit().reset));
    app.use(() => {
      throw new Error("the application's");
    });
    const drive = await start(app);
    expect(await drive({ path: "/", ...asking })).toMatchObject({ status: 403, body: "the application's" });
  });

  it("gives the application's context Koa's own", async () => {
    const app = quiet();
    const seen: unknown[] = [];
    app.use((ctx, next) => {
      ctx.state["tenant"] = "acme";
      return next();
    });
    const context = (ctx: Context) => void seen.push(ctx.state["tenant"]);
    app.use(resetMiddleware(makeKit().reset, { context }));
    const drive = await start(app);
    expect((await drive({ path: mount, ...asking })).status).toBe(200);
    expect(seen).toEqual(["acme"]);
  });
});
