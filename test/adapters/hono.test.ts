import { serve, type HttpBindings, type ServerType } from "@hono/node-server";
import { Hono, type Context, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { resetHandler } from "resetkit/adapters/hono";
import { createHandler } from "resetkit/http";
import { handlerSuite } from "resetkit/testing";
import type { PasswordReset, ResetContext } from "resetkit/types";
import { makeKit } from "../kit.js";
import { behind, framework, versionOf } from "./framework.js";

const mount = "/api/password_reset";
const asking = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ email: "ada@example.com" }),
};

const readers: Readonly<Record<string, MiddlewareHandler>> = {
  "a middleware that reads JSON": async (c, next) => {
    if (c.req.header("content-type") === "application/json") await c.req.json().catch(() => undefined);
    await next();
  },
  "a middleware that reads forms": async (c, next) => {
    if (/form/.test(c.req.header("content-type") ?? "")) await c.req.parseBody().catch(() => undefined);
    await next();
  },
  "a middleware that reads the text": async (c, next) => {
    await c.req.text();
    await next();
  },
  "a middleware that reads a copy": async (c, next) => {
    await c.req.raw.clone().text();
    await next();
  },
  "a middleware that makes another request": async (c, next) => {
    c.req.raw = new Request(c.req.raw, { headers: { ...c.req.header(), "x-own": "1" } });
    await next();
  },
  "a middleware that takes its time": async (_c, next) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await next();
  },
};

framework({ name: "Hono on Node", version: versionOf("hono"), ran: behind(readers) }, () =>
  handlerSuite(
    { describe, it },
    "resetHandler",
    async ({ reset, path, options, parser }) => {
      const app = new Hono();
      if (parser) app.use(readers[parser]!);
      app.use(async (c, next) => {
        c.header("x-app", "kept");
        await next();
      });
      app.all(`${path}/*`, resetHandler(reset, options));
      app.notFound((c) => c.body(null, 418));
      return listen(app);
    },
    { parsers: Object.keys(readers).map((name) => ({ name })) },
  ),
);

async function listen(app: Hono) {
  const server = await new Promise<ServerType>((resolve) => {
    const made = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(made));
  });
  const close = () => {
    (server as { closeAllConnections?: () => void }).closeAllConnections?.();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, close };
}

describe("resetHandler for Hono", () => {
  /** An engine that keeps what it is told of a visitor. */
  function watching() {
    const seen: ResetContext[] = [];
    const reset = { request: async (_: unknown, context: ResetContext) => (seen.push(context), {}) };
    return { seen, reset: reset as Partial<PasswordReset> as PasswordReset };
  }

  it("answers below the pattern that it is mounted at, with parameters and inside other apps", async () => {
    const { reset } = makeKit();
    const inner = new Hono().all("/reset/*", resetHandler(reset));
    const app = new Hono().all("/:tenant/auth/*", resetHandler(reset)).route("/v1", inner);
    const status = async (path: string) => (await app.request(path, asking)).status;
    expect(await status("/acme/auth")).toBe(200);
    expect(await status("/acme/auth/?x=/y")).toBe(200);
    expect(await status("/acme/auth/confirm/")).toBe(400);
    expect(await status("/v1/reset/")).toBe(200);
    expect(await status("/v1/reset/other")).toBe(404);
  });

  it("mounted at everything answers at /api/password_reset, and hands on the rest", async () => {
    const { reset } = makeKit();
    const app = new Hono().all("*", resetHandler(createHandler(reset))).post("/other", (c) => c.text("own"));
    expect((await app.request(`${mount}/`, asking)).status).toBe(200);
    expect(await (await app.request("/other", asking)).text()).toBe("own");
  });

  it("knows the visitor's address where the server of Deno or Bun says it", async () => {
    const { reset, seen } = watching();
    const app = new Hono().all(`${mount}/*`, resetHandler(reset));
    const request = () => new Request(`http://localhost${mount}`, asking);
    await app.fetch(request(), { remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 } });
    await app.fetch(request(), { requestIP: () => ({ address: "192.0.2.2", family: "IPv4", port: 1 }) });
    await app.fetch(request(), { server: { requestIP: () => null } });
    await app.fetch(request());
    expect(seen.map(({ ip }) => ip)).toEqual(["192.0.2.1", "192.0.2.2", undefined, undefined]);
  });

  it("reads the address of a Worker's visitor where it is told to, and keeps the Worker alive", async () => {
    const { reset, seen } = watching();
    const handler = resetHandler(reset, { ipHeader: "cf-connecting-ip", trustProxy: 1 });
    const app = new Hono().all(`${mount}/*`, handler);
    const waited: Promise<unknown>[] = [];
    const execution = { waitUntil: (work: Promise<unknown>) => void waited.push(work) };
    const headers = { ...asking.headers, "cf-connecting-ip": "192.0.2.9" };
    await app.fetch(new Request(`http://localhost${mount}`, { ...asking, headers }), {}, execution as never);
    expect(seen[0]!.ip).toBe("192.0.2.9");
    const work = Promise.resolve();
    seen[0]!.waitUntil!(work);
    expect(waited).toEqual([work]);
  });

  it("holds a body that a middleware unpacks to its limit", async () => {
    const app = new Hono();
    app.use(async (c, next) => {
      const { "content-encoding": _, ...headers } = c.req.header();
      const body = c.req.raw.body!.pipeThrough(new DecompressionStream("gzip"));
      c.req.raw = new Request(c.req.raw.url, {
        method: "POST",
        headers,
        body,
        duplex: "half",
      } as RequestInit);
      await next();
    });
    app.all(`${mount}/*`, resetHandler(makeKit().reset));
    const { port, close } = await listen(app);
    const statusOf = async (more: string) => {
      const body = gzipSync(JSON.stringify({ email: "ada@example.com", more }));
      const headers = { ...asking.headers, "content-encoding": "gzip" };
      return (await fetch(`http://127.0.0.1:${port}${mount}`, { method: "POST", headers, body })).status;
    };
    expect(await statusOf("short")).toBe(200);
    expect(await statusOf("x".repeat(1_000_000))).toBe(413);
    await close();
  });

  it("believes the headers that a middleware has changed", async () => {
    const { reset, seen } = watching();
    const app = new Hono();
    app.use(async (c, next) => {
      c.req.raw.headers.set("x-forwarded-for", "192.0.2.7");
      await next();
    });
    app.all(`${mount}/*`, resetHandler(reset, { trustProxy: 1 }));
    const { port, close } = await listen(app);
    const headers = { ...asking.headers, "x-forwarded-for": "198.51.100.66" };
    expect((await fetch(`http://127.0.0.1:${port}${mount}`, { ...asking, headers })).status).toBe(200);
    expect(seen.map(({ ip }) => ip)).toEqual(["192.0.2.7"]);
    await close();
  });

  it("leaves the body of what it hands on to a handler after it", async () => {
    const app = new Hono().all(`${mount}/*`, resetHandler(makeKit().reset));
    app.post("*", async (c) => c.json(await c.req.json()));
    expect(await (await app.request(`${mount}/other`, asking)).text()).toBe(asking.body);
  });

  it("keeps what Hono's CORS middleware has set", async () => {
    const app = new Hono().use(cors({ origin: "https://app.example.com" }));
    app.all(`${mount}/*`, resetHandler(makeKit().reset));
    const headers = { ...asking.headers, origin: "https://app.example.com" };
    const response = await app.request(mount, { ...asking, headers });
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  });

  it("gives the application's context Hono's own", async () => {
    const seen: unknown[] = [];
    const context = (c: Context<{ Variables: { tenant: string }; Bindings: HttpBindings }>) =>
      void seen.push(c.get("tenant"));
    const app = new Hono<{ Variables: { tenant: string }; Bindings: HttpBindings }>();
    app.use(async (c, next) => {
      c.set("tenant", "acme");
      await next();
    });
    app.all(`${mount}/*`, resetHandler(makeKit().reset, { context }));
    expect((await app.request(mount, asking)).status).toBe(200);
    expect(seen).toEqual(["acme"]);
  });
});
