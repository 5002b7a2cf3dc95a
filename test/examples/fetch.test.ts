import { serve as serveFetch, type ServerType } from "@hono/node-server";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { handlerSuite, type Serve } from "resetkit/testing";
import { framework, versionOf } from "../adapters/framework.js";
import { serve } from "../http/drive.js";
import { project } from "../servers/project.js";
import { copyRoute, mountFetch, writeStandIn } from "./fetch-project.js";

const nameOf = (path: string) => path.replaceAll("/", "_");

const nitro = await project("h3", { dependencies: { h3: "2.0.8" } });
const nuxt = await project("nuxt", { dependencies: { h3: "1.15.11" } });
const elysia = await project("elysia", { dependencies: { elysia: "1.4.30" } });

/** Imports what a project has installed. */
const of = (folder: string, path: string) => import(join(folder, "node_modules", path));

const serveH3: Serve = async (mounting) => {
  mountFetch(mounting);
  await writeStandIn(join(nitro, "password-reset.ts"));
  const { app } = await import(
    await copyRoute("h3/app.ts", join(nitro, `app${nameOf(mounting.path)}.ts`), mounting.path)
  );
  const { toNodeHandler } = await of(nitro, "h3/dist/_entries/node.mjs");
  app.use(({ res }: any) => {
    for (const headers of [res.headers, res.errHeaders]) headers.set("x-app", "kept");
  });
  return serve(toNodeHandler(app));
};

const serveNuxt: Serve = async (mounting) => {
  mountFetch(mounting);
  await writeStandIn(join(nuxt, "server/utils/password-reset.ts"));
  const file = "server/routes/api/password_reset/[...].ts";
  const { default: route } = await import(await copyRoute(`nuxt/${file}`, join(nuxt, file)));
  const { createApp, createRouter, eventHandler, setResponseHeader, setResponseStatus, toNodeListener } =
    await of(nuxt, "h3/dist/index.mjs");
  // What Nitro makes of the paths of the two files.
  const router = createRouter().use(mounting.path, route).use(`${mounting.path}/**`, route);
  const app = createApp({ onError: (_: Error, event: any) => setResponseStatus(event, 418) });
  app.use(eventHandler((event: any) => setResponseHeader(event, "x-app", "kept")));
  app.use(router);
  return serve(toNodeListener(app));
};

const serveElysia: Serve = async (mounting) => {
  mountFetch(mounting);
  await writeStandIn(join(elysia, "password-reset.ts"));
  const { app } = await import(
    await copyRoute("elysia/app.ts", join(elysia, `app${nameOf(mounting.path)}.ts`), mounting.path)
  );
  const { Elysia } = await of(elysia, "elysia/dist/index.mjs");
  const around = new Elysia()
    .onRequest(({ set }: any) => {
      set.headers["x-app"] = "kept";
    })
    .use(app);
  const server = await new Promise<ServerType>((resolve) => {
    const made = serveFetch({ fetch: around.handle, port: 0, hostname: "127.0.0.1" }, () => resolve(made));
  });
  const close = () => {
    (server as Server).closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, close };
};

framework(
  {
    name: "h3",
    version: versionOf("h3", join(nitro, "node_modules")),
    ran: "the adapter suite, except disconnects",
  },
  () => handlerSuite({ describe, it }, "h3 2", serveH3, { lacks: ["gone", "hangUp"] }),
);
framework(
  { name: "Nuxt's h3", version: versionOf("h3", join(nuxt, "node_modules")), ran: "the adapter suite" },
  () => handlerSuite({ describe, it }, "Nuxt's h3 1", serveNuxt),
);
// On Node, Elysia does not learn who holds the connection.
framework(
  {
    name: "Elysia on Node",
    version: versionOf("elysia", join(elysia, "node_modules")),
    ran: "the adapter suite, except the peer address",
  },
  () => handlerSuite({ describe, it }, "Elysia on Node", serveElysia, { lacks: ["address"] }),
);

it.each([
  "h3/app.ts",
  "nuxt/server/routes/api/password_reset/[...].ts",
  "elysia/app.ts",
  "sveltekit/src/routes/api/password_reset/[...path]/+server.ts",
  "astro/src/pages/api/password_reset/[...path].ts",
])("docs/frameworks.md shows %s as it is", async (file) => {
  const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  expect(await read("docs/frameworks.md")).toContain(await read(`examples/fetch/${file}`));
});
