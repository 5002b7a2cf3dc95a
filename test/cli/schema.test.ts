import Database from "better-sqlite3";
import { is, SQL } from "drizzle-orm";
import { getTableConfig, SQLiteSyncDialect, type SQLiteTable } from "drizzle-orm/sqlite-core";
import { transform } from "esbuild";
import knexFactory from "knex";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { migrate } from "resetkit/stores/sql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/run.js";
import { root } from "./command.js";

/** What a database knows of the tables: names, types as SQLite stores them, keys, and indexes. */
type Tables = Record<string, { columns: string[]; indexes: string[] }>;

let folder: string;
let wanted: Tables;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-schema-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const db = new Database(":memory:");
  await migrate(betterSqlite3(db));
  wanted = tablesIn(db);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function printed(...args: string[]): Promise<string> {
  let out = "";
  let err = "";
  const terminal = {
    out: (text: string) => void (out += `${text}\n`),
    err: (text: string) => void (err += text),
    progress: null,
    ask: null,
    folder,
  };
  expect([await run(["schema", ...args], terminal), err]).toEqual([0, ""]);
  return out;
}

async function module(text: string): Promise<any> {
  const { code } = await transform(text, { loader: "ts", format: "esm" });
  const file = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(file, code);
  return import(/* @vite-ignore */ file);
}

describe("npx resetkit schema", () => {
  it("knows what migrate() makes (control)", () => {
    expect(Object.keys(wanted)).toEqual([
      "resetkit_counters",
      "resetkit_migrations",
      "resetkit_queue",
      "resetkit_tokens",
    ]);
    expect(wanted["resetkit_tokens"]!.indexes).toContain(
      "resetkit_tokens_slot unique (scope, user_id, slot)",
    );
    const lacking = new Database(":memory:");
    lacking.exec("create table resetkit_counters (id blob not null primary key, hits bigint not null)");
    expect(tablesIn(lacking)["resetkit_counters"]).not.toEqual(wanted["resetkit_counters"]);
  });

  it("prints SQL that makes the tables of migrate()", async () => {
    const db = new Database(":memory:");
    db.exec(await printed("--sql", "sqlite"));
    expect(tablesIn(db)).toEqual(wanted);
    expect(await migrate(betterSqlite3(db))).toEqual([]);
  });

  it("prints a Knex migration that makes them and takes them back", async () => {
    const file = join(folder, "knex.db");
    const migration = await module(await printed("--knex"));
    const knex = knexFactory({ client: "better-sqlite3", connection: file, useNullAsDefault: true });
    const db = new Database(file);
    await migration.up(knex);
    expect(tablesIn(db)).toEqual(wanted);
    expect(await migrate(betterSqlite3(db))).toEqual([]);
    await migration.down(knex);
    expect(tablesIn(db)).toEqual({});
    await knex.destroy();
  });

  it("prints a TypeORM migration that makes them and takes them back", async () => {
    const exported = await module(await printed("--typeorm", "sqlite"));
    const [name, Migration] = Object.entries<any>(exported)[0]!;
    expect(name).toMatch(/^ResetkitTables\d{13}$/);
    const db = new Database(":memory:");
    const runner = { query: async (sql: string) => db.exec(sql) };
    await new Migration().up(runner);
    expect(tablesIn(db)).toEqual(wanted);
    await new Migration().down(runner);
    expect(tablesIn(db)).toEqual({});
  });

  it("prints a Drizzle schema of the same tables", async () => {
    const tables = Object.values<SQLiteTable>(await module(await printed("--drizzle", "sqlite")));
    const db = new Database(":memory:");
    for (const { name, columns, indexes } of tables.map((table) => getTableConfig(table))) {
      const lines = columns.map(
        (one) =>
          `${one.name} ${one.getSQLType()}${one.notNull ? " not null" : ""}${one.primary ? " primary key" : ""}${defaultOf(one.default)}`,
      );
      db.exec(`create table ${name} (${lines.join(", ")})`);
      for (const { config } of indexes) {
        const keys = config.columns.map((one) => (one as { name: string }).name);
        db.exec(
          `create ${config.unique ? "unique " : ""}index ${config.name} on ${name} (${keys.join(", ")})`,
        );
      }
    }
    expect(tablesIn(db)).toEqual(wanted);
    expect(await migrate(betterSqlite3(db))).toEqual([1, 2]);
  });

  it("prints Prisma models with every column", async () => {
    const models = await printed("--prisma", "sqlite");
    for (const [table, { columns }] of Object.entries(wanted)) {
      const model = new RegExp(`model \\w+ \\{[^}]*@@map\\("${table}"\\)\\n\\}`).exec(models)?.[0] ?? "";
      const fields = model.split("\n").filter((line) => /^ {2}\w/.test(line));
      const names = fields.map((line) => /@map\("(\w+)"\)/.exec(line)?.[1] ?? line.trim().split(" ")[0]);
      expect(names.sort()).toEqual(columns.map((one) => one.split(" ")[0]).sort());
    }
  });

  it("takes the database of the project, and the prefix and schema of the store", async () => {
    expect(await printed("--drizzle")).toContain("drizzle-orm/pg-core");
    await writeFile(join(folder, "package.json"), '{ "dependencies": { "mysql2": "3" } }');
    expect(await printed("--drizzle")).toContain("drizzle-orm/mysql-core");
    expect(await printed("--knex")).toContain("exports.up = ");
    await writeFile(join(folder, "drizzle.config.ts"), 'export default { dialect: "sqlite" }');
    expect(await printed("--drizzle")).toContain("drizzle-orm/sqlite-core");
    const both = await printed("--drizzle", "pg", "--prefix", "auth_", "--schema", "tenant");
    expect(both).toContain('authSchema.table("auth_tokens"');
    expect(await printed("--sql", "mysql", "--schema", "tenant")).toContain("`tenant`.resetkit_tokens");
  });
});

function defaultOf(value: unknown): string {
  if (value === undefined) return "";
  return ` default ${is(value, SQL) ? new SQLiteSyncDialect().sqlToQuery(value).sql : String(value)}`;
}

function tablesIn(db: Database.Database): Tables {
  const names = db
    .prepare("select name from sqlite_master where type = 'table' and name like 'resetkit%' order by name")
    .pluck()
    .all() as string[];
  return Object.fromEntries(
    names.map((name) => [name, { columns: columnsOf(db, name), indexes: indexesOf(db, name) }]),
  );
}

function columnsOf(db: Database.Database, table: string): string[] {
  const columns = db.prepare(`pragma table_info(${table})`).all() as any[];
  return columns
    .map(({ name, type, notnull, pk }) => [name, affinityOf(type), notnull && "not null", pk && "key"])
    .map((parts) => parts.filter(Boolean).join(" "))
    .sort();
}

/** SQLite stores by affinity, whatever the type is called (https://sqlite.org/datatype3.html). */
function affinityOf(type: string): string {
  if (/int/i.test(type)) return "integer";
  if (/char|clob|text/i.test(type)) return "text";
  return /blob/i.test(type) ? "blob" : "numeric";
}

function indexesOf(db: Database.Database, table: string): string[] {
  const indexes = db.prepare(`pragma index_list(${table})`).all() as any[];
  return indexes
    .filter(({ origin }) => origin === "c")
    .map(({ name, unique }) => {
      const keys = (db.prepare(`pragma index_info(${name})`).all() as any[]).map((one) => one.name);
      return `${name}${unique ? " unique" : ""} (${keys.join(", ")})`;
    })
    .sort();
}
