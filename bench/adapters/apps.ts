/**
 * What is compared: `validate_token` through each adapter, and a route by hand of the same framework that reads
 * the body with the framework's own parser, asks whether the token is good, and writes the same answer.
 *
 * @module
 */
import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { resetMiddleware as expressReset } from "resetkit/adapters/express";
import { resetPlugin } from "resetkit/adapters/fastify";
import { resetHandler } from "resetkit/adapters/hono";
import { resetMiddleware as koaReset } from "resetkit/adapters/koa";
import type { PasswordReset } from "resetkit/types";
import type { Look } from "./looks.js";

export type Framework = "Express" | "Fastify" | "Hono" | "Koa";
export const frameworks: readonly Framework[] = ["Express", "Fastify", "Hono", "Koa"];

export const base = "/api/password_reset";
export const path = `${base}/validate_token/`;
export const answer = { status: "OK" };

/** Those of ours; the content type is the framework's to set. */
const headers = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  allow: "POST, OPTIONS",
  vary: "Accept",
};

/** Listens on a port of 127.0.0.1; 0 gives any. */
type Listen = (port: number, ready: (port: number) => void) => void;

export function byHand(look: Look): Readonly<Record<Framework, Listen>> {
  const isGood = async (body: any) => typeof body?.token === "string" && (await look(body.token));
  return {
    Express(port, ready) {
      // Ours has none, either.
      const app = express().disable("etag");
      app.post(path, express.json(), async (req, res) => {
        if (!(await isGood(req.body))) return void res.sendStatus(400);
        res.set(headers).json(answer);
      });
      listen(app, port, ready);
    },
    Fastify(port, ready) {
      const app = fastify();
      app.post(path, async ({ body }, reply) => {
        if (!(await isGood(body))) return reply.code(400).send();
        return reply.headers(headers).send(answer);
      });
      void app.listen({ port, host: "127.0.0.1" }).then((url) => ready(Number(new URL(url).port)));
    },
    Hono(port, ready) {
      const app = new Hono();
      app.post(path, async (c) => {
        if (!(await isGood(await c.req.json()))) return c.body(null, 400);
        return c.json(answer, 200, headers);
      });
      serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info) => ready(info.port));
    },
    Koa(port, ready) {
      const app = new Koa();
      app.use(async (ctx) => {
        if (ctx.method !== "POST" || ctx.path !== path) return;
        // Koa has no parser of its own; those that there are read as this does, and more.
        if (!(await isGood(JSON.parse(await textOf(ctx.req))))) return void (ctx.status = 400);
        ctx.set(headers);
        ctx.body = answer;
      });
      listen(app.callback(), port, ready);
    },
  };
}

export function mounted(reset: PasswordReset): Readonly<Record<Framework, Listen>> {
  return {
    Express: (port, ready) => listen(express().use(base, expressReset(reset)), port, ready),
    Fastify(port, ready) {
      const app = fastify();
      app.register(resetPlugin, { reset, prefix: base });
      void app.listen({ port, host: "127.0.0.1" }).then((url) => ready(Number(new URL(url).port)));
    },
    Hono(port, ready) {
      const app = new Hono().all(`${base}/*`, resetHandler(reset));
      serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info) => ready(info.port));
    },
    Koa: (port, ready) => listen(new Koa().use(koaReset(reset)).callback(), port, ready),
  };
}

/** By events: `for await` costs a microsecond more. */
function textOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (text += chunk));
    request.on("end", () => resolve(text)).on("error", reject);
  });
}

function listen(listener: RequestListener, port: number, ready: (port: number) => void): void {
  const server = createServer(listener);
  server.listen(port, "127.0.0.1", () => ready((server.address() as AddressInfo).port));
}
