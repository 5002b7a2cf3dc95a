import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openPool, openSqlite } from "./clients.js";
import { argon2id, plain } from "./hash.js";
import { secret, type ServerOptions } from "./system.js";

/** Better Auth with e-mail and password alone, without its rate limit, and with mails that go nowhere. Gives its port. */
export async function startBetterAuth(options: ServerOptions): Promise<number> {
  const { toNodeHandler } = await load(options, "integrations/node.mjs");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // It wants to know its origin, which is known once it listens.
  server.on("request", toNodeHandler(await createAuth(options, port)));
  return port;
}

/** Makes its tables. */
export async function migrateBetterAuth(options: ServerOptions): Promise<void> {
  const { getMigrations } = await load(options, "db/get-migration.mjs");
  const auth = await createAuth(options, 0);
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  const { database } = auth.options;
  await ("prepare" in database ? database.close() : database.end());
}

async function createAuth(options: ServerOptions, port: number) {
  const { betterAuth } = await load(options, "index.mjs");
  const { database, url, hash } = options;
  const verify = () => Promise.resolve(false);
  const password = {
    none: { hash: async (text: string) => plain(text), verify },
    argon2id: { hash: argon2id, verify },
  }[hash];
  return betterAuth({
    baseURL: `http://127.0.0.1:${port}`,
    secret,
    database: database === "sqlite" ? openSqlite(url) : openPool(url),
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { disabled: true },
    emailAndPassword: { enabled: true, sendResetPassword: async () => {}, password },
  });
}

function load({ packages }: ServerOptions, file: string): Promise<any> {
  return import(pathToFileURL(join(packages!, "better-auth/dist", file)).href);
}
