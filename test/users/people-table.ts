import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { usersSuite, type UsersPart, type UsersSubject } from "resetkit/testing";
import type { SqlConnection, SqlDialect, Users } from "resetkit/types";
import { sqlUsers, type SqlUsersOptions } from "resetkit/users/sql";

/** A users table as people have them, with a name that is a keyword and every kind of column. */
export const tables: Readonly<Record<SqlDialect, readonly string[]>> = {
  sqlite: [
    `create table "user" (
      id integer primary key, email text not null, username text, password_hash text, active integer not null,
      changed_at text, updated_at text
    )`,
    "create table sessions (token text, user_id integer)",
  ],
  postgres: [
    `create table "user" (
      id bigserial primary key, email varchar(200) not null, username text, password_hash text,
      active boolean not null, changed_at timestamptz, updated_at timestamp
    )`,
    "create table sessions (token text, user_id bigint)",
  ],
  mysql: [
    `create table \`user\` (
      id bigint unsigned auto_increment primary key, email varchar(200) not null, username varchar(100),
      password_hash varchar(255), active boolean not null, changed_at datetime(6), updated_at datetime
    ) engine = InnoDB`,
    "create table sessions (token varchar(100), user_id bigint unsigned) engine = InnoDB",
  ],
};

/** Two accounts. The time has microseconds, which no `Date` of a driver keeps. */
export function rowsOf(dialect: SqlDialect): readonly string[] {
  const table = dialect === "mysql" ? "`user`" : '"user"';
  const yes = dialect === "postgres" ? "true" : "1";
  const columns = "email, username, password_hash, active, changed_at";
  const time = "'2026-01-10 08:09:10.123456'";
  return [
    "delete from sessions",
    `delete from ${table}`,
    `insert into ${table} (${columns}) values ('Ada@example.com', 'ada', '#old', ${yes}, ${time})`,
    `insert into ${table} (${columns}) values ('new@example.com', null, null, ${yes}, null)`,
  ];
}

/** Salted, and no more than the tests need. */
export const hashPassword = (password: string) =>
  `${randomBytes(8).toString("hex")}:${Buffer.from(password).toString("hex")}`;

export const options: SqlUsersOptions = {
  table: "user",
  identifier: ["email", "username"],
  passwordHash: "password_hash",
  state: ["active", "changed_at"],
  eligible: (row) => Boolean(row.active),
  touch: { updated_at: () => new Date() },
  sessions: { table: "sessions", userId: "user_id" },
  hashPassword,
};

export interface Opened {
  readonly connection: SqlConnection;
  close(): unknown;
}

/** What the users suite gets, of a table whose rows are as at the beginning. */
export async function subjectOn(
  connection: SqlConnection,
  users: Users<any> = sqlUsers(connection, options),
): Promise<UsersSubject<any>> {
  for (const text of rowsOf(connection.dialect)) await connection.query({ text, rows: false }, []);
  const [first, second] = connection.dialect === "postgres" ? ["$1", "$2"] : ["?", "?"];
  const idOf = (user: any) => users.idOf!(user) as number;
  return {
    users,
    identifier: "ada@example.com",
    otherIdentifiers: ["ada"],
    withoutPassword: "new@example.com",
    sessions: {
      start: (user) =>
        connection.query({ text: `insert into sessions values (${first}, ${second})`, rows: false }, [
          crypto.randomUUID(),
          idOf(user),
        ]),
      async count(user) {
        const text = `select count(*) as n from sessions where user_id = ${first}`;
        const { rows } = await connection.query({ text, rows: true }, [idOf(user)]);
        return Number(rows[0]!.n);
      },
    },
    ...(connection.transaction && { transaction: connection.transaction }),
  };
}

/** Registers tests of a port on a database, `sqlUsers on SQLite`, which are a row in docs/users.md. */
export function onDatabase(name: string, register: () => void): void {
  const [port, database] = name.split(" on ");
  // Node 20 has no node:sqlite, so whether it runs depends on the version of Node.
  const isListed = database !== undefined && database !== "node:sqlite";
  const row = { name: `\`${port}\``, version: database!, ran: "`usersSuite`" };
  describe(name, isListed ? { meta: { users: row } } : {}, register);
}

/** Runs the users suite over `sqlUsers`, or over what `make` returns, on a database of its own. */
export function sqlUsersSuite(
  name: string,
  open: () => Opened | Promise<Opened>,
  {
    make,
    lacks = [],
  }: {
    readonly make?: (opened: Opened) => Users<any>;
    readonly lacks?: readonly UsersPart[];
  } = {},
): void {
  onDatabase(name, () => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await open();
      for (const text of tables[opened.connection.dialect]) {
        await opened.connection.query({ text, rows: false }, []);
      }
    });
    afterAll(() => opened?.close());
    usersSuite({ describe, it }, name, () => subjectOn(opened.connection, make?.(opened)), { lacks });
  });
}
