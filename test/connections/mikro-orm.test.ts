import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import * as onPostgres from "@mikro-orm/postgresql";
import { describe, expect, it } from "vitest";
import { mikroOrm } from "resetkit/connections/mikro-orm";
import { connectionSuite } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";
import { isWhole } from "../sample.js";
import { builtDriver, mikroOrmOn } from "../servers/drivers.js";
import { mariadb } from "../servers/mariadb.js";
import { mysql } from "../servers/mysql.js";
import { postgres } from "../servers/postgres.js";
import { sqlSuite, sqlSuiteAgain } from "../servers/sql-suite.js";
import { sqlUsersSuite } from "../users/people-table.js";

const [postgresUrl, usersUrl, mariadbUrl, mysqlServer] = await Promise.all([
  postgres(),
  postgres(),
  mariadb(),
  mysql(),
]);
const [onMariadb, onMysql, onLibsql, onSqlite, onBetterSqlite] = await Promise.all([
  mikroOrmOn("mariadb"),
  mikroOrmOn("mysql"),
  mikroOrmOn("libsql"),
  mikroOrmOn("sqlite"),
  mikroOrmOn("better-sqlite"),
]);

/** An application's entity, and MikroORM with it. Each of MikroORM's drivers exports all of MikroORM. */
async function open({ MikroORM, EntitySchema }: any, options: object) {
  const Note = new EntitySchema({
    name: "Note",
    tableName: "mikro_notes",
    properties: { id: { type: "number", primary: true }, text: { type: "string" } },
  });
  const orm = await MikroORM.init({ entities: [Note], ...options });
  const driver = (text: string) => orm.em.getKnex().raw(text);
  return { orm, Note, connection: mikroOrm<any>(orm), driver, close: () => orm.close(true) };
}
type Opened = Awaited<ReturnType<typeof open>>;

const byPostgres = (options: object = {}) => open(onPostgres, { clientUrl: postgresUrl, ...options });
const byMariadb = (options: object = {}) =>
  open(onMariadb, { clientUrl: mariadbUrl.replace(/^\w+:/, "mariadb:"), ...options });
/** MikroORM's driver for MySQL is mysql2, which speaks to MariaDB as well. */
const byMysql2 = (options: object = {}) =>
  open(onMysql, { clientUrl: mariadbUrl.replace(/^\w+:/, "mysql:"), ...options });
const byLibsql = (dbName = ":memory:", options: object = {}) => open(onLibsql, { dbName, ...options });

/** The driver loads a package that would have to be compiled. Knex takes one that already is. */
const byKnexOn = (orm: any, dialect: string, client: unknown) => {
  const Dialect = class extends orm[dialect] {
    _driver() {
      return client;
    }
  };
  const own = (filename: string, pool: object) =>
    orm.knex({ client: Dialect, connection: { filename }, useNullAsDefault: true, pool });
  return (dbName = ":memory:", options: { pool?: object } = {}) =>
    open(orm, { dbName, driverOptions: own(dbName, options.pool ?? {}), ...options });
};
const byBetterSqlite = byKnexOn(
  onBetterSqlite,
  "BetterSqliteKnexDialect",
  createRequire(import.meta.url)("better-sqlite3"),
);

sqlSuite("PostgreSQL, by MikroORM", () => byPostgres());
sqlSuite("SQLite, by MikroORM and better-sqlite3", () => byBetterSqlite());
sqlSuiteAgain("libSQL, by MikroORM", () => byLibsql());
sqlSuiteAgain("MariaDB, by MikroORM and mariadb", () => byMariadb());
sqlSuiteAgain("MariaDB, by MikroORM and mysql2", () => byMysql2());
if ("url" in mysqlServer) {
  const { url: clientUrl } = mysqlServer;
  sqlSuiteAgain("MySQL, by MikroORM", () => open(onMysql, { clientUrl }));
}
sqlUsersSuite("sqlUsers on PostgreSQL, by MikroORM", () => byPostgres({ clientUrl: usersUrl }));

connectionSuite({ describe, it }, "MikroORM on PostgreSQL", (max) => byPostgres({ pool: { min: 0, max } }));
connectionSuite({ describe, it }, "MikroORM on SQLite", () => byBetterSqlite(), { sizes: [1] });

const databases: [string, (options?: object) => Promise<Opened>][] = [
  ["PostgreSQL", byPostgres],
  ["MariaDB, by mariadb", byMariadb],
  ["MariaDB, by mysql2", byMysql2],
  ["SQLite, by better-sqlite3", (options) => byBetterSqlite(undefined, options)],
  ["libSQL", (options) => byLibsql(undefined, options)],
];
const files: [string, (file: string, options?: object) => Promise<Opened>][] = [
  ["better-sqlite3", byBetterSqlite],
  ["libSQL", byLibsql],
];

if (isWhole) {
  // Built where it's installed, which takes minutes.
  const bySqlite3 = byKnexOn(onSqlite, "SqliteKnexDialect", await builtDriver("sqlite3"));
  sqlSuite("SQLite, by MikroORM and sqlite3", () => bySqlite3());
  databases.push(["SQLite, by sqlite3", (options) => bySqlite3(undefined, options)]);
  files.push(["sqlite3", bySqlite3]);
}

const write = (connection: SqlConnection, text: string, values: any[] = [], handle?: unknown) =>
  connection.query({ text, rows: false }, values, handle);
const read = async (connection: SqlConnection, text: string, values: any[] = [], handle?: unknown) =>
  (await connection.query({ text, rows: true }, values, handle)).rows;

/** Runs `work` with an instance, and a new table of the application's entity. */
async function withNotes(make: () => Promise<Opened>, work: (opened: Opened) => Promise<void>) {
  const opened = await make();
  const { connection, close } = opened;
  try {
    await write(connection, "drop table if exists mikro_notes");
    await write(connection, "create table mikro_notes (id int primary key, text varchar(100) not null)");
    await work(opened);
  } finally {
    await close();
  }
}

describe.each(databases)("mikroOrm on %s", (_, make) => {
  it("gives the application's callbacks an EntityManager in the transaction", () =>
    withNotes(make, async ({ orm, Note, connection }) => {
      await orm.em.fork().insert(Note, { id: 1, text: "before" });
      const textOf = async () =>
        (await read(connection, "select text from mikro_notes where id = 1"))[0]!.text;
      const change = (end: () => void) =>
        connection.transaction!(async (em) => {
          expect(em.isInTransaction()).toBe(true);
          expect(em.constructor).toBe(orm.em.constructor);
          expect(await em.nativeUpdate(Note, { id: 1 }, { text: "after" })).toBe(1);
          // docs/lifecycle.md: null is compared as null.
          expect(await em.nativeUpdate(Note, { id: 1, text: null }, { text: "no" })).toBe(0);
          // The application's statement and resetkit's see each other.
          expect(await read(connection, "select text from mikro_notes", [], em)).toEqual([{ text: "after" }]);
          expect((await write(connection, "update mikro_notes set id = id", [], em)).changes).toBe(1);
          expect((await em.findOneOrFail(Note, 1)).text).toBe("after");
          em.create(Note, { id: 2, text: "persisted" }, { persist: true });
          end();
        });
      const undone = change(() => {
        throw new Error("no");
      });
      await expect(undone).rejects.toThrow("no");
      expect(await textOf()).toBe("before");
      await change(() => {});
      expect(await textOf()).toBe("after");
      expect(await orm.em.fork().count(Note)).toBe(2);
    }));

  it("takes part in a transaction of the application, if it's given, and in no other", () =>
    withNotes(make, async ({ orm, connection }) => {
      const isAlone = connection.dialect === "sqlite";
      const insert = (id: number, em?: unknown) =>
        write(connection, `insert into mikro_notes values (${id}, 'a')`, [], em);
      const failed = orm.em.fork().transactional(async (em: any) => {
        await insert(1, em);
        // On SQLite, this one would wait for the transaction.
        if (!isAlone) await insert(2);
        if (!isAlone) await connection.transaction!((own) => insert(3, own));
        throw new Error("no");
      });
      await expect(failed).rejects.toThrow("no");
      const rows = await read(connection, "select id from mikro_notes order by id");
      expect(rows).toEqual(isAlone ? [] : [{ id: 2 }, { id: 3 }]);
      await expect(insert(4, orm.em.fork())).rejects.toThrow(/isn't in a transaction.*em\.transactional\(\)/);
    }));

  it("sends values as they are, and counts the rows that a statement changed", () =>
    withNotes(make, async ({ connection }) => {
      const n = (index: number) => (connection.dialect === "postgres" ? `$${index}` : "?");
      const type = { postgres: "bytea", mysql: "varbinary(20)", sqlite: "blob" }[connection.dialect];
      await write(connection, "drop table if exists mikro_odd");
      await write(connection, `create table mikro_odd (id int, text varchar(100), bytes ${type})`);
      const odd = "?, ??, \\?, :name, $1, '\\";
      const insert = `insert into mikro_odd values (${n(1)}, ${n(2)}, ${n(3)})`;
      expect((await write(connection, insert, [1, odd, Uint8Array.of(0, 255, 63)])).changes).toBe(1);
      expect((await write(connection, insert, [2, null, null])).changes).toBe(1);
      const rows = await read(connection, `select * from mikro_odd where text = ${n(1)} or id = ${n(2)}`, [
        odd,
        2,
      ]);
      expect(rows.map((row) => Object.values(row))).toEqual([
        [1, odd, expect.objectContaining({ length: 3, 0: 0, 1: 255, 2: 63 })],
        [2, null, null],
      ]);
      expect((await write(connection, `delete from mikro_odd where id > ${n(1)}`, [5])).changes).toBe(0);
      if (connection.dialect !== "mysql") {
        const gone = await read(connection, `delete from mikro_odd where id = ${n(1)} returning id`, [2]);
        expect(gone).toEqual([{ id: 2 }]);
      }
      expect((await write(connection, `update mikro_odd set text = ${n(1)}`, ["?"])).changes).toBeGreaterThan(
        0,
      );
      await write(connection, "drop table mikro_odd");
    }));

  it("fails with the driver's code, and without the statement's values", () =>
    withNotes(make, async ({ Note, connection }) => {
      const value = connection.dialect === "postgres" ? "$1" : "?";
      const text = `select * from mikro_nowhere where id = ${value}`;
      const error = await connection.query({ text, rows: true }, ["secret"]).catch((one) => one);
      expect(error.code).toMatch(/^(?:42P01|ER_NO_SUCH_TABLE|SQLITE_ERROR)$/);
      expect(inspect(error)).not.toContain("secret");
      expect(error.message).toContain(`${text} - `);
      // The application's own error stays MikroORM's, and has the code that says whether a retry may help.
      const own = connection.transaction!((em) => em.insert(Note, { id: 1 }));
      await expect(own).rejects.toMatchObject({
        name: "NotNullConstraintViolationException",
        code: expect.stringMatching(/^(?:23502|ER_NO_DEFAULT_FOR_FIELD|SQLITE_CONSTRAINT(?:_NOTNULL)?)$/),
      });
    }));

  it("works as well with options that change what the application reads, writes, and caches", () => {
    const hostile = {
      resultCache: { global: 60_000 },
      strict: true,
      forceUtcTimezone: true,
      disableTransactions: true,
      disableIdentityMap: true,
      implicitTransactions: false,
      allowGlobalContext: true,
      validate: true,
      forceUndefined: true,
      flushMode: "commit",
    };
    return withNotes(
      () => make(hostile),
      async ({ connection }) => {
        const insert = (id: number, handle: unknown) =>
          write(connection, `insert into mikro_notes values (${id}, 'a')`, [], handle);
        await connection.transaction!((em) => insert(1, em));
        const count = async () =>
          Number((await read(connection, "select count(*) as n from mikro_notes"))[0]!.n);
        expect(await count()).toBe(1);
        const undone = connection.transaction!(async (em) => {
          await insert(2, em);
          throw new Error("no");
        });
        await expect(undone).rejects.toThrow("no");
        expect(await count()).toBe(1);
        await connection.transaction!((em) => insert(2, em));
        expect(await count()).toBe(2);
      },
    );
  });
});

describe.each(files)("mikroOrm on a file, by %s", (driver, make) => {
  it("runs one transaction at a time, each of which waits for the write lock of another process", async () => {
    const folder = await mkdtemp(join(tmpdir(), "resetkit-mikro-orm-"));
    const file = join(folder, "app.db");
    try {
      await withNotes(
        // As an application may have it, so that resetkit has to wait by itself.
        () => make(file, { pool: { min: 0, max: 3 } }),
        async (opened) => {
          const { connection } = opened;
          const other = await make(file);
          await write(connection, "insert into mikro_notes values (0, '')");
          let id = 0;
          const add = (handle?: unknown) =>
            write(connection, `insert into mikro_notes values (${++id}, '')`, [], handle);
          const last = async () => (await read(connection, "select max(id) as id from mikro_notes"))[0]!.id;
          await Promise.all([connection.transaction!(add), add(), connection.transaction!(add)]);
          expect(await last()).toBe(3);
          // A deferred transaction lets others write until it does so itself.
          await connection.transaction!(async (em) => {
            await other.orm.em.getKnex().raw("pragma busy_timeout = 0");
            const busy = other.connection.query({ text: "delete from mikro_notes", rows: false }, []);
            await expect(busy).rejects.toMatchObject({ code: "SQLITE_BUSY" });
            const wait = other.connection.transaction!(async () => {});
            await expect(wait).rejects.toMatchObject({ code: "SQLITE_BUSY" });
            await add(em);
          });
          expect(await last()).toBe(4);
          // And the one that found it locked works again. libSQL can't commit for a while, also without resetkit.
          if (driver !== "libSQL") {
            await other.connection.transaction!((em) => read(other.connection, "select 1", [], em));
          }
          await other.close();
        },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("leaves MikroORM's own settings to an instance that connects later", async () => {
    const folder = await mkdtemp(join(tmpdir(), "resetkit-mikro-orm-"));
    const { orm, connection, close } = await make(join(folder, "app.db"), { connect: false });
    try {
      await connection.transaction!(async () => {});
      expect(await orm.em.getConnection().execute("pragma foreign_keys")).toEqual([{ foreign_keys: 1 }]);
      expect(await read(connection, "pragma foreign_keys")).toEqual([{ foreign_keys: 1 }]);
    } finally {
      await close();
      await rm(folder, { recursive: true });
    }
  });
});

describe("mikroOrm", () => {
  it("refuses what is no instance, other databases, and other versions, with the fix", async () => {
    expect(() => mikroOrm(undefined as never)).toThrow(/pass what await MikroORM\.init\(\) returned/);
    const { orm, close } = await byPostgres();
    // A promise of an instance, and an EntityManager, are what one forgets to await, and has at hand.
    for (const wrong of [Promise.resolve(orm), orm.em]) {
      expect(() => mikroOrm(wrong as never)).toThrow(/pass what await MikroORM\.init\(\) returned/);
    }
    await close();
    const over = (connection: object) => ({ em: { getConnection: () => connection }, config: { get() {} } });
    const mssql = over({ getKnex() {}, getDefaultClientUrl: () => "mssql://sa@localhost:1433" });
    expect(() => mikroOrm(mssql as never)).toThrow(
      /mssql, which isn't supported\. Use MikroORM's driver for/,
    );
    // MikroORM 7 runs on Kysely, and MikroORM for MongoDB on neither.
    expect(() => mikroOrm(over({ getClient() {} }) as never)).toThrow(
      /doesn't run on Knex\. Pass an instance of MikroORM 6.*kysely\(orm\.em\.getKysely\(\)\)/,
    );
  });

  it("refuses options that change rows, with the fix", async () => {
    const postProcessResponse = (rows: unknown) => rows;
    const driverOptions = { postProcessResponse };
    await expect(byPostgres({ connect: false, driverOptions })).rejects.toThrow(
      /postProcessResponse.*Pass an instance without/,
    );
    const rowsAsArray = { connect: false, driverOptions: { connection: { rowsAsArray: true } } };
    for (const make of [byMysql2, byMariadb]) {
      await expect(make(rowsAsArray)).rejects.toThrow(/rowsAsArray: true.*Pass an instance without it/);
    }
    const own = onPostgres.knex({ client: onPostgres.PostgreSqlKnexDialect as never, postProcessResponse });
    await expect(byPostgres({ connect: false, driverOptions: own })).rejects.toThrow(/postProcessResponse/);
    await own.destroy();
  });

  it("takes names as they are, whatever Knex makes of the application's", async () => {
    const driverOptions = { wrapIdentifier: (name: string) => `"x_${name}"` };
    const { connection, close } = await byPostgres({ driverOptions });
    expect(await read(connection, `select 1 as "aName"`)).toEqual([{ aName: 1 }]);
    await close();
  });

  it("is typed by MikroORM's own types", async () => {
    const orm = await onPostgres.MikroORM.init({
      clientUrl: postgresUrl,
      discovery: { warnWhenNoEntities: false },
    });
    const connection = mikroOrm(orm);
    const one = await connection.transaction!((em) =>
      em.createQueryBuilder("x").getKnex().client.raw("select 1"),
    );
    expect(one).toBeDefined();
    await orm.close();
  });

  it("is READ COMMITTED on MySQL and MariaDB", () =>
    withNotes(byMysql2, async ({ connection }) => {
      const counts = await connection.transaction!(async (em) => {
        const count = async () => Number((await em.execute("select count(*) as n from mikro_notes"))[0].n);
        const before = await count();
        const driver = await byMysql2();
        await write(driver.connection, "insert into mikro_notes values (1, 'a')");
        await driver.close();
        return [before, await count()];
      });
      expect(counts).toEqual([0, 1]);
    }));

  it("uses its own database inside a transaction of another instance of the same name", async () => {
    const [one, other] = await Promise.all([byPostgres(), byPostgres({ clientUrl: usersUrl })]);
    const nameOf = async (connection: SqlConnection, em?: unknown) =>
      (await read(connection, "select current_database() as name", [], em))[0]!.name;
    const names = await other.orm.em
      .fork()
      .transactional(async () => [
        await one.connection.transaction!((em) => nameOf(one.connection, em)),
        await nameOf(one.connection),
      ]);
    expect(new Set(names)).toEqual(new Set([await nameOf(one.connection)]));
    expect(names).not.toContain(await nameOf(other.connection));
    await Promise.all([one.close(), other.close()]);
  });

  it("always asks the primary", async () => {
    const { connection, close } = await byPostgres({
      preferReadReplicas: true,
      replicas: [{ clientUrl: "postgresql://postgres@127.0.0.1:1/nowhere" }],
    });
    expect(await read(connection, "select 1 as one")).toEqual([{ one: 1 }]);
    await connection.transaction!((em) => read(connection, "select 1 as one", [], em));
    await close();
  });

  it("works again after the application closed MikroORM, and connected it", async () => {
    const { orm, connection, close } = await byPostgres();
    await orm.close();
    await orm.connect();
    expect(await read(connection, "select 1 as one")).toEqual([{ one: 1 }]);
    await close();
  });
});
