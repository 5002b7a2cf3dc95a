import Database from "better-sqlite3";
import { Redis } from "ioredis";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { createTransport } from "nodemailer";
import { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { byEmail } from "resetkit/delivery/email";
import { toConsole } from "resetkit/delivery/console";
import { createHandler } from "resetkit/http";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { pg } from "resetkit/connections/pg";
import { memoryStore } from "resetkit/stores/memory";
import { redisStore } from "resetkit/stores/redis";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { sqlUsers } from "resetkit/users/sql";
import { length } from "resetkit/validators/length";
import { passwordReset, type CheckOptions, type Finding, type ResetOptions, type Users } from "resetkit";
import { network } from "../../src/cli/network.js";
import { keptLog } from "../kit.js";
import { postgres } from "../servers/postgres.js";
import { ownRedis } from "../servers/redis.js";
import { startSmtp } from "../servers/smtp.js";

interface Person {
  readonly id: number;
  readonly email: string;
  readonly hash: string;
}

const argon2 =
  "$argon2id$v=19$m=19456,t=2,p=1$4mm3c9IcrFWjBLrxTSWmPg$Xr1xLhDhYTyxJDWkTPP4LhqhcPfxs9JmjH8yiRT+DAM";
const bcrypt = "$2b$12$Hi3vTvBpMl7Mq1sP8iYb3uY4O3n2ySKEbJ0oU3iU0k7ZJr3t3m8vK";
const ada: Person = { id: 1, email: "ada@example.com", hash: argon2 };

const users = (more: Partial<Users<Person>> = {}): Users<Person> => ({
  findByIdentifier: (typed) => (typed === ada.email ? ada : null),
  findById: (id) => (id === ada.id ? ada : null),
  stateOf: ({ hash, email }) => [hash, email],
  setPassword: () => true,
  revokeSessions: "none",
  hashPassword: () =>
    `$argon2id$v=19$m=19456,t=2,p=1$${randomBytes(12).toString("base64")}$${randomBytes(24).toString("base64")}`,
  ...more,
});

const closing: (() => unknown)[] = [];
beforeEach(() => {
  for (const name of ["DYNO", "RENDER", "FLY_APP_NAME", "VERCEL", "NETLIFY", "K_SERVICE"])
    vi.stubEnv(name, "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0).reverse()) await close();
});

/** A SQLite store as it should be. */
async function sqlite(options: { readonly migrated?: boolean } = {}) {
  const db = new Database(":memory:");
  closing.push(() => db.close());
  const connection = betterSqlite3(db);
  if (options.migrated ?? true) await migrate(connection);
  return { db, connection, store: sqlStore(connection) };
}

async function pool(connectionString: string) {
  const made = new Pool({ connectionString, connectionTimeoutMillis: 3_000 });
  closing.push(() => made.end());
  return made;
}

/** The engine of an application that does all right, but for `options`. */
async function made(options: Partial<ResetOptions<Person>> = {}) {
  return passwordReset<Person>({
    users: users(),
    secret: randomBytes(32).toString("base64url"),
    store: options.store ?? (await sqlite()).store,
    url: "https://localhost/reset/{token}",
    deliver: () => undefined,
    worker: "outside",
    log: keptLog(),
    ...options,
  });
}

async function check(
  options: Partial<ResetOptions<Person>> = {},
  how: CheckOptions = {},
): Promise<readonly Finding[]> {
  return (await made(options)).check({ network, ...how });
}

const mailer = (options: object) =>
  byEmail<Person>({ transport: createTransport(options as never), from: "Example <no-reply@example.com>" });

async function smtp() {
  const server = await startSmtp();
  closing.push(() => server.close());
  return server;
}

/** Twenty set-ups that don't work, or aren't safe, with what must be in the finding and in its fix. */
const broken: readonly [string, () => Promise<readonly Finding[]>, RegExp, RegExp][] = [
  [
    "a secret out of a tutorial",
    () => check({ secret: "my-super-secret-key-for-this-application-2026" }),
    /secret contains a word from tutorials/,
    /npx resetkit secret/,
  ],
  [
    "a secret made of words",
    () => check({ secret: "the quick brown fox jumps over a lazy dog" }),
    /secret is made of words/,
    /npx resetkit secret/,
  ],
  [
    "links to the reader's own computer",
    async () => {
      vi.stubEnv("NODE_ENV", "production");
      return check({ url: "http://localhost:3000/reset/{token}" });
    },
    /Links lead to localhost/,
    /Set url to the public address/,
  ],
  [
    "links over http in a private network",
    () => check({ url: "http://192.168.0.7/reset/{token}" }),
    /url starts with http:/,
    /Use https/,
  ],
  [
    "links to a host that isn't there",
    () => check({ url: "https://reset.invalid/{token}" }),
    /reset\.invalid, which has no IP address/,
    /Set url/,
  ],
  [
    "a database that isn't there",
    async () => check({ store: sqlStore(pg(await pool(`postgres://x@127.0.0.1:${await freePort()}/x`))) }),
    /The store can't be reached\..*ECONNREFUSED/,
    /Start the database/,
  ],
  [
    "no tables",
    async () => check({ store: (await sqlite({ migrated: false })).store }),
    /The tables resetkit_\* are missing/,
    /npx resetkit migrate/,
  ],
  [
    "a column that the users table doesn't have",
    async () => {
      const { db, connection, store } = await sqlite();
      db.exec("create table people (id integer primary key, email text, hash text)");
      const columns = { table: "people", identifier: "email", passwordHash: "password_hash" };
      const { hashPassword } = users() as Required<Users<Person>>;
      const ready = sqlUsers(connection, {
        ...columns,
        sessions: "none",
        hashPassword: hashPassword as never,
      });
      return check({ users: ready as never, store });
    },
    /passwordHash is "password_hash", but the table "people" has no such column/,
    /Pass one of id, email, hash/,
  ],
  [
    "tables in another schema",
    async () => {
      const admin = await pool(await postgres());
      await migrate(pg(admin));
      await admin.query("create schema elsewhere");
      return check({ store: sqlStore(pg(admin), { schema: "elsewhere" }) });
    },
    /are missing in "elsewhere"/,
    /migrate/,
  ],
  [
    "a database account that may not delete",
    async () => {
      const url = new URL(await postgres());
      const admin = await pool(url.href);
      await migrate(pg(admin));
      const role = `app_${randomBytes(6).toString("hex")}`;
      await admin.query(`create role ${role} login`);
      await admin.query(`grant select, insert, update on all tables in schema public to ${role}`);
      url.username = role;
      return check({ store: sqlStore(pg(await pool(url.href))) });
    },
    /permission denied/,
    /select, insert, update and delete/,
  ],
  [
    "a SQLite file that can't be written",
    async () => {
      const { db, store } = await sqlite();
      db.pragma("query_only = on");
      return check({ store });
    },
    /readonly database/,
    /select, insert, update and delete/,
  ],
  [
    "a clock that is wrong",
    async () => {
      const admin = await pool(await postgres());
      await migrate(pg(admin));
      return check({ store: sqlStore(pg(admin)), clock: () => Date.now() + 600_000 });
    },
    /clock is 600 seconds ahead of the database's/,
    /NTP/,
  ],
  [
    "a Redis that evicts",
    async () => {
      const port = await ownRedis(["--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"]);
      const client = new Redis(port, "127.0.0.1");
      closing.push(() => client.disconnect());
      return check({ store: redisStore(client) });
    },
    /maxmemory-policy is allkeys-lru/,
    /noeviction/,
  ],
  [
    "a driver that changes what it returns",
    async () => {
      const { connection } = await sqlite();
      const query: typeof connection.query = async (...call) => {
        const { rows, changes } = await connection.query(...call);
        const asText = (value: unknown) => (value instanceof Uint8Array ? String(value) : value);
        const entries = (row: object) => Object.entries(row).map(([name, value]) => [name, asText(value)]);
        return { rows: rows.map((row) => Object.fromEntries(entries(row))), changes };
      };
      return check({ store: sqlStore({ ...connection, query }) });
    },
    /tokens don't work/,
    /type parsers|select/,
  ],
  [
    "no mail server",
    async () => check({ deliver: mailer({ host: "127.0.0.1", port: await freePort(), ignoreTLS: true }) }),
    /The mail server can't be used\..*ECONNREFUSED/,
    /host and port/,
  ],
  [
    "a mail server that needs STARTTLS and hasn't it",
    async () =>
      check({ deliver: mailer({ host: "127.0.0.1", port: (await smtp()).port, requireTLS: true }) }),
    /The mail server can't be used/,
    /STARTTLS/,
  ],
  [
    "a mail server elsewhere without STARTTLS",
    // Not a name of the loopback, and yet this machine.
    async () => check({ deliver: mailer({ host: "0.0.0.0", port: (await smtp()).port }) }),
    /0\.0\.0\.0 isn't encrypted: it doesn't offer STARTTLS/,
    /requireTLS/,
  ],
  [
    "a proxy that isn't trusted",
    async () => {
      vi.stubEnv("DYNO", "web.1");
      const reset = await made();
      createHandler(reset);
      return reset.check();
    },
    /DYNO is set.*trustProxy isn't set/,
    /trustProxy: 1/,
  ],
  [
    "no worker",
    async () => {
      let now = Date.now() - 600_000;
      const reset = await made({ clock: () => now });
      await reset.request({ identifier: ada.email });
      now += 600_000;
      return reset.check();
    },
    /1 queued entry waits, the oldest for 10 minutes/,
    /npx resetkit work/,
  ],
  [
    "two applications in one store",
    async () => {
      const { store } = await sqlite();
      await (await made({ store })).request({ identifier: ada.email });
      return check({ store });
    },
    /another application uses the same store/,
    /prefix/,
  ],
  [
    "a state without the hash",
    () => check({ users: users({ stateOf: ({ email }) => [email] }) }, { account: ada.email }),
    /looks like a password hash/,
    /user\.passwordHash/,
  ],
  [
    "look-ups that differ",
    () => check({ users: users({ findById: () => ({ ...ada, hash: "other" }) }) }, { account: ada.email }),
    /differ for one account in users\.stateOf\(\)\[0\]/,
    /same query/,
  ],
  [
    "a look-up by id that finds nothing",
    () => check({ users: users({ findById: () => null }) }, { account: ada.email }),
    /users\.findById doesn't return an account that users\.findByIdentifier found/,
    /users\.idOf/,
  ],
  [
    "a hash without salt",
    () => check({ users: users({ hashPassword: () => "5f4dcc3b5aa765d61d8327deb882cf99" }) }),
    /no salt/,
    /argon2id/,
  ],
  [
    "bcrypt, and passwords of any length",
    () => check({ users: users({ stateOf: ({ email }) => [bcrypt, email] }) }, { account: ada.email }),
    /ignores what comes after 72 bytes/,
    /maxBytes: 72/,
  ],
  [
    "links in the log of production",
    async () => {
      vi.stubEnv("NODE_ENV", "production");
      return check(
        { deliver: toConsole({ log: keptLog() }), url: "https://localhost.invalid/{token}" },
        { network: undefined },
      );
    },
    /toConsole\(\) writes reset links to the log/,
    /byEmail/,
  ],
];

const good: readonly [string, () => Promise<readonly Finding[]>][] = [
  ["SQLite, and an account", () => check({}, { account: ada.email })],
  [
    "PostgreSQL, behind a proxy, in production",
    async () => {
      vi.stubEnv("NODE_ENV", "production");
      vi.stubEnv("DYNO", "web.1");
      const admin = await pool(await postgres());
      await migrate(pg(admin));
      const reset = await made({ store: sqlStore(pg(admin)), url: "https://app.resetkit.test/{token}" });
      createHandler(reset, { trustProxy: 1 });
      return reset.check({ account: ada.email });
    },
  ],
  [
    "Redis",
    async () => {
      const client = new Redis(await ownRedis(), "127.0.0.1");
      closing.push(() => client.disconnect());
      return check({ store: redisStore(client) });
    },
  ],
  [
    "a mail server, and bcrypt with its limit",
    async () => {
      const { port } = await smtp();
      const deliver = mailer({ host: "127.0.0.1", port, ignoreTLS: true });
      const validators = [length({ maxBytes: 72 })];
      return check(
        { deliver, validators, users: users({ stateOf: ({ email }) => [bcrypt, email] }) },
        { account: ada.email },
      );
    },
  ],
  [
    "memory, while an application is written",
    () => check({ store: memoryStore(), deliver: toConsole({ log: keptLog() }) }),
  ],
  [
    "an account that has no password yet, and entries that a worker just got",
    async () => {
      const reset = await made({ users: users({ stateOf: ({ email }) => [null, email] }) });
      await reset.request({ identifier: ada.email });
      return reset.check({ account: ada.email });
    },
  ],
];

describe("check", () => {
  it.each(broken)("finds %s", async (_name, findings, what, fix) => {
    const all = await findings();
    const found = all.filter((one) => what.test(one.what));
    expect(all.map((one) => one.what).join("\n")).toMatch(what);
    expect(found.map((one) => one.fix).join("\n")).toMatch(fix);
    for (const one of all) expect(`${one.what} ${one.fix}`).not.toContain(ada.email);
  });

  it("has twenty broken set-ups and five good ones at least", () => {
    expect([broken.length >= 20, good.length >= 5]).toEqual([true, true]);
  });

  it.each(good)("finds nothing with %s", async (_name, findings) => {
    expect(await findings()).toEqual([]);
  });

  it("leaves nothing behind", async () => {
    const { db, store } = await sqlite();
    await check({ store });
    for (const table of ["resetkit_tokens", "resetkit_queue"]) {
      expect(db.prepare(`select count(*) as rows from ${table}`).get(), table).toEqual({ rows: 0 });
    }
  });

  it("sends a message, whose link doesn't work, if asked to", async () => {
    const server = await smtp();
    const deliver = mailer({ host: "127.0.0.1", port: server.port, ignoreTLS: true });
    expect(await check({ deliver }, { mail: "me@example.org" })).toEqual([]);
    expect(server.mails.map(({ to }) => to)).toEqual([["me@example.org"]]);
    expect(server.mails[0]!.parsed.text).toContain("/reset/this-link-is-a-test-and-does-not-work");
    server.behave = () => 550;
    const [finding] = await check({ deliver }, { mail: "me@example.org" });
    expect(finding).toMatchObject({ level: "error", what: expect.stringMatching(/wasn't accepted/) });
  });
});

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
