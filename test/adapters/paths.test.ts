import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { resetMiddleware } from "resetkit/adapters/express";
import { resetPlugin } from "resetkit/adapters/fastify";
import { resetHandler } from "resetkit/adapters/hono";
import { resetMiddleware as koaMiddleware } from "resetkit/adapters/koa";
import { resetHandler as nextHandler } from "resetkit/adapters/nextjs";
import { nodeListener } from "resetkit/adapters/node";
import { createClient } from "resetkit/client";
import type { PasswordReset } from "resetkit/types";
import { goodPassword, makeKit } from "../kit.js";

const mount = "/auth/reset";
const paths = { request: "ask", validate: "check-token", confirm: "set" };

let server: Server;
afterEach(() => new Promise((done) => server.close(done)));

const frameworks: Readonly<Record<string, (reset: PasswordReset) => unknown>> = {
  Express: (reset) => express().use(mount, resetMiddleware(reset, { paths })).listen(0, "127.0.0.1"),
  async Fastify(reset) {
    const app = fastify();
    void app.register(resetPlugin, { reset, prefix: mount, paths });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },
  Koa: (reset) => new Koa().use(koaMiddleware(reset, { basePath: mount, paths })).listen(0, "127.0.0.1"),
  Hono: (reset) => {
    const app = new Hono();
    app.all(`${mount}/*`, resetHandler(reset, { paths }));
    return serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  },
  "node:http": (reset) =>
    createServer(nodeListener(reset, { basePath: mount, paths })).listen(0, "127.0.0.1"),
  "Next.js": (reset) => {
    const { POST } = nextHandler(reset, { paths });
    const app = new Hono();
    app.all("/*", ({ req }) =>
      POST(req.raw, {
        params: Promise.resolve({
          path: req.path
            .slice(mount.length + 1)
            .split("/")
            .filter(Boolean),
        }),
      }),
    );
    return serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  },
};

describe("endpoints under names of the application's own, called by the client", () => {
  it.each(Object.entries(frameworks))("%s", async (_, start) => {
    const kit = makeKit();
    server = (await start(kit.reset)) as Server;
    if (!server.listening) await new Promise((done) => server.once("listening", done));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${mount}`;
    const client = createClient({ baseUrl, paths });
    expect(await client.request({ identifier: "ada@example.com" })).toMatchObject({ ok: true });
    await kit.reset.drain();
    const { token } = kit.mails[0] as { token: string };
    expect(await client.validate({ token })).toMatchObject({ ok: true });
    // Control: the usual names aren't there.
    expect(await createClient({ baseUrl }).validate({ token })).toMatchObject({ code: "unreachable" });
    expect(await client.confirm({ token, password: goodPassword })).toMatchObject({ ok: true });
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });
});
