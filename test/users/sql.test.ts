import Sqlite from "better-sqlite3";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import postgresClient from "postgres";
import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { nodeSqlite } from "resetkit/connections/node-sqlite";
import { pg } from "resetkit/connections/pg";
import { postgresJs } from "resetkit/connections/postgres-js";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { SqlConnection } from "resetkit/types";
import { sqlUsers, type SqlUsersOptions } from "resetkit/users/sql";
import { goodPassword, makeKit } from "../kit.js";
import { mariadb } from "../servers/mariadb.js";
import { mysql } from "../servers/mysql.js";
import { postgres } from "../servers/postgres.js";
import { hashPassword, options, rowsOf, sqlUsersSuite, subjectOn, tables } from "./people-table.js";

const [pgUrl, postgresJsUrl, mariadbUrl, mysqlPlace] = await Promise.all([
  postgres(),
  postgres(),
  mariadb(),
  mysql(),
]);

sqlUsersSuite("sqlUsers on better-sqlite3", () => {
  const db = new Sqlite(":memory:");
  return { connection: betterSqlite3(db), close: () => db.close() };
});

const DatabaseSync = await import("node:sqlite" as string).then(
  (module) => module.DatabaseSync,
  () => undefined,
);
if (DatabaseSync) {
  sqlUsersSuite("sqlUsers on node:sqlite", () => {
    const db = new DatabaseSync(":memory:");
    return { connection: nodeSqlite(db), close: () => db.close() };
  });
}

sqlUsersSuite("sqlUsers on PostgreSQL, by pg", () => {
  const pool = new Pool({ connectionString: pgUrl });
  return { connection: pg(pool), close: () => pool.end() };
});

sqlUsersSuite("sqlUsers on PostgreSQL, by postgres.js", () => {
  const client = postgresClient(postgresJsUrl, { onnotice() {} });
  return { connection: postgresJs(client), close: () => client.end() };
});

sqlUsersSuite("sqlUsers on MariaDB, by mysql2", () => {
  const pool = createPool(mariadbUrl);
  return { connection: mysql2(pool), close: () => pool.end() };
});

if ("url" in mysqlPlace) {
  sqlUsersSuite("sqlUsers on MySQL, by mysql2", () => {
    const pool = createPool(mysqlPlace.url);
    return { connection: mysql2(pool), close: () => pool.end() };
  });
}

// As D1, which has no interactive transactions.
sqlUsersSuite(
  "sqlUsers without transactions",
  () => {
    const db = new Sqlite(":memory:");
    return { connection: { ...betterSqlite3(db), transaction: undefined }, close: () => db.close() };
  },
  { lacks: ["lock"] },
);

/** A database of its own in memory, with the accounts. */
function inMemory(): { db: Sqlite.Database; connection: SqlConnection } {
  const db = new Sqlite(":memory:");
  for (const text of [...tables.sqlite, ...rowsOf("sqlite")]) db.exec(text);
  return { db, connection: betterSqlite3(db) };
}

const changed = (change: object) => ({ ...options, ...change }) as SqlUsersOptions;

describe("sqlUsers", () => {
  it("resets a password in one transaction, with the sessions and what is touched", async () => {
    const { db, connection } = inMemory();
    await migrate(connection);
    const subject = await subjectOn(connection);
    const user = ([await subject.users.findByIdentifier("ada", {})].flat() as any[])[0];
    await subject.sessions!.start(user);
    const { reset, ask } = makeKit({ users: subject.users, store: sqlStore(connection) });
    const { token } = await ask("ADA@example.com");
    await reset.confirm({ token, password: goodPassword });
    const row = db.prepare("select * from user where id = ?").get(user.id) as any;
    expect(row.password_hash).toContain(Buffer.from(goodPassword).toString("hex"));
    expect(row.updated_at).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(await subject.sessions!.count(user)).toBe(0);
    expect(Object.keys(user)).toEqual([
      "id",
      "email",
      "username",
      "password_hash",
      "active",
      "changed_at",
      "updated_at",
    ]);
  });

  it("ends the sessions in the transaction of setPassword where the engine has none", async () => {
    const { db, connection } = inMemory();
    const subject = await subjectOn(connection);
    const [user] = [await subject.users.findByIdentifier("ada", {})].flat() as any[];
    await subject.sessions!.start(user);
    const expected = await subject.users.stateOf(user, {});
    db.exec(
      "create trigger no before delete on sessions begin select raise(abort, 'no sessions today'); end",
    );
    const set = async () => subject.users.setPassword(user, "#new", { expected });
    await expect(set()).rejects.toThrow("no sessions today");
    expect(db.prepare("select password_hash from user where username = 'ada'").pluck().get()).toBe("#old");
    db.exec("drop trigger no");
    expect(await set()).toBe(true);
    expect(await subject.sessions!.count(user)).toBe(0);
  });

  it("takes an account of the application's own query, as for issueFor", async () => {
    const { connection } = inMemory();
    const { reset, mails } = makeKit({ users: sqlUsers(connection, options) as never });
    const { rows } = await connection.query(
      { text: "select * from user where username = 'ada'", rows: true },
      [],
    );
    await reset.issueFor(rows[0] as never, { wait: true });
    const { token } = mails[0] as { token: string };
    expect(await reset.validate({ token })).toBe(true);
    await reset.confirm({ token, password: goodPassword });
    expect(await reset.validate({ token })).toBe(false);
  });

  it("finds nobody by what is in no identifier, and no account without an email address", async () => {
    const { db, connection } = inMemory();
    db.exec("create table members (id integer, name text, mail text, hash text)");
    db.exec("insert into members values (1, 'ada', null, null)");
    const users = sqlUsers(connection, {
      ...{ table: "members", identifier: "name", address: "mail", passwordHash: "hash" },
      ...{ sessions: "none", hashPassword },
    });
    const [user] = [await users.findByIdentifier("ada", {})].flat() as any[];
    expect(users.mayReset!(user, {})).toBe(false);
    expect(await users.findByIdentifier("ada@example.com' or 1=1 --", {})).toEqual([]);
  });

  it.each([
    [{ table: "people" }, `sqlUsers's table is "people", but the database has no such table.`],
    [{ table: "main.people" }, `sqlUsers's table is "main.people", but the database has no such table.`],
    [
      { identifier: "mail" },
      `sqlUsers's identifier is "mail", but the table "user" has no such column. Pass one of id, email, username, password_hash,`,
    ],
    [
      { passwordHash: "password_digest" },
      `sqlUsers's passwordHash is "password_digest", but the table "user" has no such column.`,
    ],
    [{ state: ["status"] }, `sqlUsers's state is "status", but`],
    [{ touch: { changed: () => 1 } }, `sqlUsers's touch is "changed", but`],
    [{ sessions: { table: "logins", userId: "user_id" } }, `sqlUsers's sessions.table is "logins", but`],
    [
      { sessions: { table: "sessions", userId: "owner" } },
      `sqlUsers's sessions.userId is "owner", but the table "sessions" has no such column. Pass one of token, user_id.`,
    ],
  ])("check reports what isn't there, with its fix: %j", async (change, sentence) => {
    const users = sqlUsers(inMemory().connection, changed(change));
    await expect(users.check!()).rejects.toThrow(sentence);
  });

  it("check is content with what is there, and reports it on real servers, too", async () => {
    await expect(sqlUsers(inMemory().connection, options).check!()).resolves.toEqual([]);
    const pool = new Pool({ connectionString: await postgres() });
    const maria = createPool(await mariadb());
    for (const connection of [pg(pool), mysql2(maria)] as SqlConnection[]) {
      const wrong = (change: object) => sqlUsers(connection, changed(change)).check!();
      await expect(wrong({})).rejects.toThrow("the database has no such table");
      for (const text of tables[connection.dialect]) await connection.query({ text, rows: false }, []);
      await expect(wrong({})).resolves.toEqual([]);
      await expect(wrong({ passwordHash: "hash" })).rejects.toThrow(
        `sqlUsers's passwordHash is "hash", but the table "user" has no such column. Pass one of id, email, username, password_hash, active, changed_at, updated_at.`,
      );
    }
    await Promise.all([pool.end(), maria.end()]);
  });

  it("a wrong name is reported by the first look-up, and by a worker when it starts", async () => {
    const users = sqlUsers(inMemory().connection, changed({ passwordHash: "hash" }));
    const sentence = `sqlUsers's passwordHash is "hash", but the table "user" has no such column.`;
    await expect(users.findByIdentifier("ada", {})).rejects.toThrow(sentence);
    const { reset, log } = makeKit({ users: users as never });
    const stop = new AbortController();
    const work = reset.work({ signal: stop.signal });
    await expect.poll(() => log.lines.join("\n")).toContain(`users isn't ready: TypeError: ${sentence}`);
    stop.abort();
    await work;
  });

  it("reports a name in another case than the database's, which no property has", async () => {
    const users = sqlUsers(inMemory().connection, changed({ identifier: "Email" }));
    await expect(users.findByIdentifier("ada@example.com", {})).rejects.toThrow(
      `sqlUsers's identifier is "Email", but the rows have id, email,`,
    );
  });

  it("reports a hash that doesn't move: without a salt, and put back by a trigger", async () => {
    const { db, connection } = inMemory();
    const unsalted = changed({ hashPassword: () => "#old" });
    const kit = makeKit({ users: sqlUsers(connection, unsalted) as never });
    const { token } = await kit.ask("ada@example.com");
    await expect(kit.reset.confirm({ token, password: goodPassword })).rejects.toThrow(
      "returned the hash that is stored already. Salt each hash",
    );
    db.exec(
      `create trigger back after update on user begin update user set password_hash = '#old' where id = new.id; end`,
    );
    const stuck = makeKit({ users: sqlUsers(connection, options) as never });
    const other = await stuck.ask("ada@example.com");
    await expect(stuck.reset.confirm({ token: other.token, password: goodPassword })).rejects.toThrow(
      "same values after users.setPassword as before",
    );
  });

  it("refuses options that can't work, with the fix", () => {
    const { connection } = inMemory();
    const made = (change: object) => () => sqlUsers(connection, changed(change));
    expect(() => sqlUsers({} as never, options)).toThrow("takes a connection, not a client");
    expect(made({ table: "a.b.c" })).toThrow('Use "table" or "schema.table"');
    expect(made({ passwordHash: 'x"; drop table' })).toThrow("Use the name as the database spells it");
    expect(made({ identifier: undefined })).toThrow("identifier is missing");
    expect(made({ hashPassword: undefined })).toThrow("hashPassword is missing");
    expect(made({ sessions: undefined })).toThrow('sessions is missing: pass { table: "sessions"');
    expect(made({ sessions: { table: "x", user: "y" } })).toThrow('no option "user"');
    expect(made({ touch: { updated_at: "now" } })).toThrow("touch.updated_at must be a function");
    expect(made({ passwordhash: "x" })).toThrow('Did you mean "passwordHash"?');
  });
});
