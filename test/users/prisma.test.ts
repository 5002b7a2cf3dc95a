import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prisma } from "resetkit/connections/prisma";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { prismaUsers, type PrismaUsersOptions } from "resetkit/users/prisma";
import { goodPassword, makeKit } from "../kit.js";
import { mariadb } from "../servers/mariadb.js";
import { mysql } from "../servers/mysql.js";
import { postgres } from "../servers/postgres.js";
import { prismaConnect, prismaProject, type PrismaProvider } from "../servers/prisma.js";
import { hashPassword, rowsOf, sqlUsersSuite, tables } from "./people-table.js";

/** The tables of the other tests, whose columns have other names than the fields. */
const models: Readonly<Record<PrismaProvider, string>> = {
  postgresql: modelsWith({
    id: "BigInt",
    changed: "DateTime? @db.Timestamptz(6)",
    updated: "@db.Timestamp(6)",
  }),
  mysql: modelsWith({ id: "BigInt", changed: "DateTime? @db.DateTime(6)", updated: "@db.DateTime(0)" }),
  sqlite: modelsWith({ id: "Int", changed: "String?", updated: "" }),
};

function modelsWith({
  id,
  changed,
  updated,
}: Readonly<Record<"id" | "changed" | "updated", string>>): string {
  return `
    model User {
      id           ${id}    @id @default(autoincrement())
      email        String
      username     String?
      passwordHash String?   @map("password_hash")
      active       Boolean
      changedAt    ${changed} @map("changed_at")
      updatedAt    DateTime? @updatedAt @map("updated_at") ${updated}
      @@map("user")
    }
    model Session {
      token  String @id
      userId ${id}  @map("user_id")
      @@map("sessions")
    }`;
}

const options: PrismaUsersOptions<any, any> = {
  identifier: ["email", "username"],
  passwordHash: "passwordHash",
  state: ["active", "changedAt"],
  eligible: (user: any) => user.active === true,
  sessions: { table: "session", userId: "userId" },
  hashPassword,
} as never;

const folders = {
  postgresql: await prismaProject("postgresql", models.postgresql),
  mysql: await prismaProject("mysql", models.mysql),
  sqlite: await prismaProject("sqlite", models.sqlite),
};
const connect = {
  postgresql: await prismaConnect("postgresql", folders.postgresql),
  mysql: await prismaConnect("mysql", folders.mysql),
  sqlite: await prismaConnect("sqlite", folders.sqlite),
};
const [postgresUrl, mariadbUrl, mysqlPlace] = await Promise.all([postgres(), mariadb(), mysql()]);

function suite(name: string, open: () => { readonly client: any; close?(): void }): void {
  sqlUsersSuite(
    name,
    () => {
      const { client, close } = open();
      const end = async () => {
        await client.$disconnect();
        close?.();
      };
      return { connection: prisma(client), close: end };
    },
    { make: ({ connection }) => prismaUsers(connection.database as any, "user" as never, options) },
  );
}

suite("prismaUsers on PostgreSQL", () => ({ client: connect.postgresql({ connectionString: postgresUrl }) }));
suite("prismaUsers on MariaDB", () => ({ client: connect.mysql(adapterUrl(mariadbUrl)) }));
if ("url" in mysqlPlace) {
  suite("prismaUsers on MySQL", () => ({ client: connect.mysql(adapterUrl(mysqlPlace.url)) }));
}
suite("prismaUsers on SQLite", () => inFile());

/** The driver of the adapter takes its own scheme, and five seconds are short on a busy machine. */
function adapterUrl(url: string): string {
  return `${url.replace(/^mysql:/, "mariadb:")}?connectTimeout=60000&acquireTimeout=60000&allowPublicKeyRetrieval=true`;
}

function inFile(more = {}) {
  const folder = mkdtempSync(join(tmpdir(), "resetkit-prisma-"));
  const client = connect.sqlite({ url: `file:${join(folder, "app.db")}` }, more);
  return { client, close: () => rmSync(folder, { recursive: true }) };
}

describe("prismaUsers", () => {
  let client: any;
  let clients: any[] = [];
  let url: string;

  beforeAll(async () => {
    url = await postgres();
    client = open();
    const { query } = prisma(client);
    for (const text of [...tables.postgres, ...rowsOf("postgres")]) await query({ text, rows: false }, []);
    await migrate(prisma(client));
  });
  afterAll(() => Promise.all(clients.map((one) => one.$disconnect())));

  function open(more = {}) {
    const made = connect.postgresql({ connectionString: url }, more);
    clients = [...clients, made];
    return made;
  }

  const made = (change: object = {}, on = client, model = "user") =>
    prismaUsers<any, any>(on, model, { ...options, ...change } as never) as any;
  const find = async (users: any, typed: string) => [await users.findByIdentifier(typed, {})].flat();
  const ada = () => client.user.findFirst({ where: { username: "ada" } });

  it("returns accounts as the client does", async () => {
    expect(await find(made(), "ADA@example.com")).toEqual([await ada()]);
  });

  it("takes no wildcards: what is typed is found as it is (control: Prisma alone finds everyone)", async () => {
    const alone = { where: { email: { equals: "%", mode: "insensitive" } } };
    expect(await client.user.findMany(alone)).toHaveLength(2);
    for (const typed of ["%", "_da@example.com", "ada@example%", "\\", "ada@example.com\\"]) {
      expect(await find(made(), typed)).toEqual([]);
    }
    await client.user.create({ data: { email: "A_b%c\\d@example.com", active: true } });
    expect(await find(made(), "a_B%c\\d@example.com")).toHaveLength(1);
    await client.user.deleteMany({ where: { email: "A_b%c\\d@example.com" } });
  });

  it("resets a password in one transaction with the store's", async () => {
    const users = made({ touch: { username: () => "ada" } });
    const { reset, ask } = makeKit({ users, store: sqlStore(prisma(client)) });
    const { token } = await ask("ada@example.com");
    await client.session.create({ data: { token: "s", userId: (await ada()).id } });
    await client.$executeRawUnsafe(`
      create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'No space left.' using errcode = 'disk_full'; end $$`);
    await client.$executeRawUnsafe(
      "create trigger refuse before delete on sessions for each row execute function refuse()",
    );
    await expect(reset.confirm({ token, password: goodPassword })).rejects.toThrow();
    expect(await ada()).toMatchObject({ passwordHash: "#old", updatedAt: null });
    await client.$executeRawUnsafe("drop trigger refuse on sessions");
    await reset.confirm({ token, password: goodPassword });
    expect((await ada()).passwordHash).toContain(Buffer.from(goodPassword).toString("hex"));
    expect((await ada()).updatedAt).toBeInstanceOf(Date);
    expect(await client.session.count()).toBe(0);
  });

  it("works with a client that leaves the hash out of every result, and with an account without it", async () => {
    const hiding = open({ omit: { user: { passwordHash: true } } });
    const users = made({}, hiding);
    const [user] = await find(users, "ada");
    expect(await hiding.user.findFirst({ where: { username: "ada" } })).not.toHaveProperty("passwordHash");
    const { passwordHash, ...partial } = user;
    expect(passwordHash).toBe((await ada()).passwordHash);
    expect(await users.stateOf(partial, {})).toEqual(await users.stateOf(user, {}));
  });

  it("never ends other sessions: an account without an id is refused", async () => {
    await client.session.create({ data: { token: "t", userId: (await ada()).id } });
    await expect(made().revokeSessions({ email: "x@example.com" }, {})).rejects.toThrow("has no id");
    expect(await client.session.count()).toBe(1);
    await client.session.deleteMany();
  });

  it("locks rows in the adapter's schema, too", async () => {
    await client.$executeRawUnsafe("create schema other");
    await client.$executeRawUnsafe('create table other."user" (like public."user")');
    await client.$executeRawUnsafe('insert into other."user" select * from public."user"');
    const there = open({ adapter: { schema: "other" } });
    const users = made({ sessions: "none" }, there);
    await expect(users.check()).resolves.toEqual([]);
    const [user] = await find(users, "ada");
    await there.$transaction(async (transaction: any) => {
      expect(await users.lock(user.id, { transaction })).toEqual(user);
    });
  });

  it("finds accounts on PostgreSQL by an index, and reports one that's missing", async () => {
    await client.$executeRawUnsafe("create schema large");
    await client.$executeRawUnsafe('create table large."user" (like public."user" including defaults)');
    await client.$executeRawUnsafe(
      `insert into large."user" (id, email, username, active) select n, 'Person' || n || '@example.com', 'name' || n, true from generate_series(1, 20000) as numbers (n)`,
    );
    await client.$executeRawUnsafe('analyze large."user"');
    const statements: string[] = [];
    const there = open({ adapter: { schema: "large" }, log: [{ emit: "event", level: "query" }] });
    there.$on("query", ({ query }: { query: string }) => statements.push(query));
    const users = made({ sessions: "none" }, there);
    const findings: any[] = await users.check();
    expect(findings.map(({ level }) => level)).toEqual(["warning", "warning"]);
    for (const { fix } of findings) await there.$executeRawUnsafe(/^Run: (.*)\.$/.exec(fix)![1]!);
    expect(await users.check()).toEqual([]);
    statements.length = 0;
    expect((await find(users, "person7@EXAMPLE.com")).map((user) => user.id)).toEqual([7n]);
    expect(statements.join("\n")).not.toMatch(/ilike/i);
    // The control: Prisma's own comparison without case is the one that no index serves.
    await there.user.findMany({ where: { email: { equals: "person7@example.com", mode: "insensitive" } } });
    expect(statements.join("\n")).toMatch(/ilike/i);
    await there.$disconnect();
  });

  it("refuses what the client doesn't have, with the names that it has", () => {
    expect(() => prismaUsers({} as any, "user" as never, options)).toThrow(
      "pass what new PrismaClient() returned",
    );
    expect(() => made({}, client, "people")).toThrow(
      `prismaUsers's model is "people", but the client has no such model. Pass one of user, session.`,
    );
    expect(() => made({ passwordHash: "password" })).toThrow(
      `prismaUsers's passwordHash is "password", but the model "user" has no such field. Pass one of id, email, username, passwordHash, active, changedAt, updatedAt.`,
    );
    expect(() => made({ state: ["status"] })).toThrow(`prismaUsers's state is "status"`);
    expect(() => made({ touch: { changed: () => 1 } })).toThrow(`prismaUsers's touch is "changed"`);
    expect(() => made({ sessions: { table: "login", userId: "userId" } })).toThrow(
      `prismaUsers's sessions.table is "login", but the client has no such model.`,
    );
    expect(() => made({ sessions: { table: "session", userId: "user" } })).toThrow(
      `prismaUsers's sessions.userId is "user", but the model "session" has no such field.`,
    );
    expect(() => made({ sessions: undefined })).toThrow("sessions is missing");
    expect(() => made({ identifier: [] })).toThrow("identifier is missing");
    expect(() => made({ table: "user" })).toThrow('no option "table"');
  });

  it("reports a hash that doesn't move", async () => {
    const hash = (await ada()).passwordHash;
    const { reset, ask } = makeKit({
      users: made({ hashPassword: () => hash }),
      store: sqlStore(prisma(client)),
    });
    const { token } = await ask("ada@example.com");
    await expect(reset.confirm({ token, password: goodPassword })).rejects.toThrow("Salt each hash");
  });

  it("check, a look-up, and a starting worker report what the database doesn't have", async () => {
    const { client: empty, close } = inFile();
    const users = made({}, empty);
    await expect(users.check()).rejects.toThrow(
      /^prismaUsers's model is "user", but the database has no table "(main\.)?user"\. Bring the database up to date/,
    );
    for (const text of tables.sqlite) await empty.$executeRawUnsafe(text);
    await expect(users.check()).resolves.toEqual([]);
    await empty.$executeRawUnsafe("alter table user drop column password_hash");
    const text = /prismaUsers's model is "user", but the database has no column "[^"]*password_hash"/;
    await expect(users.check()).rejects.toThrow(text);
    await expect(users.findByIdentifier("ada@example.com", {})).rejects.toThrow(text);
    const { reset, log } = makeKit({ users });
    const stop = new AbortController();
    const work = reset.work({ signal: stop.signal });
    await expect.poll(() => log.lines.join("\n")).toMatch(text);
    stop.abort();
    await work;
    await empty.$executeRawUnsafe("alter table user add column password_hash text");
    await empty.$executeRawUnsafe("drop table sessions");
    await expect(users.check()).rejects.toThrow(
      /^prismaUsers's sessions\.table is "session", but the database has no table/,
    );
    await empty.$disconnect();
    close();
  });
});
