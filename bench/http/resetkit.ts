import express from "express";
import fastify from "fastify";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { passwordReset } from "resetkit";
import { resetMiddleware } from "resetkit/adapters/express";
import { resetPlugin } from "resetkit/adapters/fastify";
import { nodeListener } from "resetkit/adapters/node";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { pg } from "resetkit/connections/pg";
import { sqlStore } from "resetkit/stores/sql";
import type { PasswordReset } from "resetkit/types";
import { type Person, usersOf } from "./accounts.js";
import { openPool, openSqlite } from "./clients.js";
import { createMailer } from "./mail.js";
import { base, secret, type ServerOptions } from "./system.js";

/** resetkit with its defaults, but without throttles: the bench is one visitor. Gives its port. */
export async function startResetkit(options: ServerOptions): Promise<number> {
  const reset = createReset(options);
  switch (options.framework) {
    case "node":
      return listen(createServer(nodeListener(reset)));
    case "express":
      return listen(createServer(express().use(base, resetMiddleware(reset))));
    case "fastify": {
      const app = fastify();
      await app.register(resetPlugin, { reset, prefix: base });
      await app.listen({ port: 0, host: "127.0.0.1" });
      return (app.server.address() as AddressInfo).port;
    }
  }
}

/** Makes the mails of another process's requests. */
export function startWorker(options: ServerOptions): void {
  void createReset(options).work();
}

function createReset(options: ServerOptions): PasswordReset<Person> {
  const { database, url, worker, sink, hashing } = options;
  const client = database === "sqlite" ? openSqlite(url) : openPool(url);
  const mail = sink === undefined ? undefined : createMailer(sink);
  return passwordReset<Person>({
    users: usersOf(options, client),
    secret,
    store: sqlStore("prepare" in client ? betterSqlite3(client) : pg(client)),
    url: "https://app.example.com/reset/{token}",
    deliver: async (message) => {
      if (message.kind === "reset") await mail?.(message.address, message.url);
    },
    throttles: false,
    // Without a worker the queue only grows, so its ceiling would be measured in place of a request.
    worker: { mode: worker === "inside" ? "inside" : "outside", maxWaiting: 1e9 },
    ...(hashing !== undefined && { hashing: { concurrency: hashing } }),
    log: { info() {}, warn() {}, error: console.error },
  });
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
