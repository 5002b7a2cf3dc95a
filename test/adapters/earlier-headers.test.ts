import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { resetMiddleware } from "resetkit/adapters/express";
import { resetPlugin } from "resetkit/adapters/fastify";
import { nodeListener } from "resetkit/adapters/node";
import { resetHandler } from "resetkit/adapters/hono";
import { resetMiddleware as koaMiddleware } from "resetkit/adapters/koa";
import { htmlPages } from "resetkit/pages";
import { makeKit } from "../kit.js";

let server: Server;
afterEach(() => new Promise((done) => server.close(done)));

const pages = () => htmlPages(makeKit().reset, { baseUrl: "https://app.example.com" });
const cookie = "lang=de; Path=/";

/** Each with a middleware before the pages that sets a cookie and `Vary`. */
const frameworks = {
  Express: () =>
    express()
      .use((_req, res, next) => (res.cookie("lang", "de"), res.vary("Origin"), next()))
      .use(resetMiddleware(pages()))
      .listen(0, "127.0.0.1"),
  async Fastify() {
    const app = fastify();
    app.addHook(
      "onRequest",
      async (_, reply) => void reply.header("set-cookie", cookie).header("vary", "Origin"),
    );
    void app.register(resetPlugin, { reset: pages(), prefix: "" });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },
  async "Fastify with a hook that sets cookies when a response is sent, as @fastify/cookie does"() {
    const app = fastify();
    app.addHook("onRequest", async (_, reply) => void reply.header("vary", "Origin"));
    app.addHook("onSend", async (_, reply) => void reply.header("set-cookie", cookie));
    void app.register(resetPlugin, { reset: pages(), prefix: "" });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  },
  "Koa with a middleware that sets cookies on its way back, as koa-session does": () =>
    new Koa()
      .use(async (ctx, next) => {
        await next();
        ctx.cookies.set("lang", "de");
        ctx.vary("Origin");
      })
      .use(koaMiddleware(pages()))
      .listen(0, "127.0.0.1"),
  "node:http": () => {
    const listener = nodeListener(pages());
    return createServer((req, res) => {
      res.appendHeader("set-cookie", cookie).appendHeader("vary", "Origin");
      listener(req, res);
    }).listen(0, "127.0.0.1");
  },
  Koa: () =>
    new Koa()
      .use((ctx, next) => (ctx.cookies.set("lang", "de"), ctx.vary("Origin"), next()))
      .use(koaMiddleware(pages()))
      .listen(0, "127.0.0.1"),
  Hono: () => {
    const app = new Hono();
    app.use(async (c, next) => (c.header("set-cookie", cookie), c.header("vary", "Origin"), next()));
    app.all("/*", resetHandler(pages()));
    return serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  },
};

describe("what earlier middleware set is sent beside what the pages set", () => {
  it.each(Object.entries(frameworks))("%s", async (_, start) => {
    server = (await start()) as Server;
    if (!server.listening) await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as AddressInfo;
    const { headers } = await fetch(`http://127.0.0.1:${port}/forgot-password`);
    const names = headers.getSetCookie().map((line) => line.split("=")[0]);
    expect(names.sort()).toEqual(["__Host-resetkit-form", "lang"]);
    expect(headers.get("vary")).toContain("Origin");
  });
});
