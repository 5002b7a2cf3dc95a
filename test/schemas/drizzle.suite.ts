/** What drizzle-kit itself does with the tables: `npm run test:schemas`. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { migrate } from "resetkit/stores/sql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resetkit } from "../cli/command.js";
import { packages } from "../servers/packages.js";
import { once } from "../servers/shared.js";
import { databases, type TriedDatabase, unavailable } from "./databases.js";
import { rowsOf } from "./evidence.js";
import { expectTablesToWork } from "./whole-reset.js";

const tool = "drizzle-kit 0.31.11";
const manifest = {
  type: "module",
  dependencies: {
    "drizzle-kit": "0.31.11",
    "drizzle-orm": "0.45.4",
    pg: "8.23.1",
    mysql2: "3.24.6",
    "@libsql/client": "0.18.0",
  },
};

const people = {
  postgresql: `import { pgTable, serial, text } from "drizzle-orm/pg-core";
export const users = pgTable("users", { id: serial("id").primaryKey(), email: text("email").notNull() });`,
  mysql: `import { int, mysqlTable, varchar } from "drizzle-orm/mysql-core";
export const users = mysqlTable("users", { id: int("id").primaryKey(), email: varchar("email", { length: 200 }).notNull() });`,
  sqlite: `import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
export const users = sqliteTable("users", { id: integer("id").primaryKey(), email: text("email").notNull() });`,
};

const evidence = rowsOf("schemas");
let modules: string;
beforeAll(async () => {
  modules = await packages("drizzle-kit", manifest);
});
afterAll(() => evidence.write());

// On MariaDB, drizzle-kit wants to change every table that it reads, an application's own among them.
const tried = Object.keys(databases).filter((name) => name !== "MariaDB");

describe.each(tried)(`${tool} on %s`, (name) => {
  let folder: string;
  let database: TriedDatabase | null;

  beforeAll(async () => {
    folder = await once(`drizzle-${name}`, async (made) => made);
    await mkdir(folder, { recursive: true });
    await symlink(modules, join(folder, "node_modules"));
    database = await databases[name]!(folder);
    if (database) await writeProject(folder, database);
  });
  afterAll(() => database?.close());

  /** Runs drizzle-kit without a terminal: where it has to ask, it prints what it would do, and fails. */
  const kit = async (command: string, config: string, ...more: string[]) => {
    const args = [join(modules, "drizzle-kit/bin.cjs"), command, `--config=${config}.config.ts`, ...more];
    return new Promise<string>((resolve) => {
      const child = execFile(process.execPath, args, { cwd: folder, timeout: 60_000 }, (_, out, err) =>
        resolve((out + err).replaceAll(/^\s+at .*$/gm, "")),
      );
      child.stdin!.end();
    });
  };
  const push = (config: string) => kit("push", config, "--verbose", "--strict");

  it("drops the tables on a push without their schema (control), and leaves them alone with it", async (test) => {
    if (!database) return test.skip(unavailable);
    await kit("push", "without");
    await migrate(database.connection);

    const without = await push("without");
    const drops = [...without.matchAll(/DROP TABLE [`"]?(\w+)/gi)].map((match) => match[1]).sort();
    expect(drops, without).toEqual(ours);

    const kept = await push("with");
    expect(kept).toContain("No changes detected");
    expect(kept).not.toMatch(/drop|create|alter/i);
    await expectTablesToWork(database.connection);
    evidence.row(
      tool,
      name,
      "`push` after `migrate()`",
      `plans to drop ${drops.length} tables`,
      "no changes",
    );
  });

  it("creates tables that work from the schema, once", async (test) => {
    if (!database) return test.skip(unavailable);
    await kit("generate", "with");
    const sql = await generated(folder);
    expect(sql).toContain("resetkit_queue");
    expect(await kit("generate", "with")).toContain("No schema changes");
    const dropping = await kit("generate", "dropping");
    expect(dropping).not.toContain("No schema changes");

    const fresh = (await databases[name]!(folder))!;
    for (const statement of sql.split("--> statement-breakpoint")) await fresh.run(statement);
    expect(await migrate(fresh.connection)).toEqual([1, 2]);
    expect(await migrate(fresh.connection)).toEqual([]);
    await expectTablesToWork(fresh.connection);
    await writeProject(folder, fresh);
    const again = await push("with");
    // MySQL reads the default back as now(), which drizzle-kit takes for another one. Nothing is lost.
    const isDefaultAlone = /^ALTER TABLE `resetkit_migrations` MODIFY COLUMN `applied_at` .*;$/m.test(again);
    if (name === "MySQL") expect([isDefaultAlone, again.match(/;$/gm)?.length], again).toEqual([true, 1]);
    else expect(again).toContain("No changes detected");
    await fresh.close();
    evidence.row(
      tool,
      name,
      "`generate`, then `migrate()`",
      "writes `DROP TABLE`",
      "nothing to migrate; a reset runs",
    );
  });
});

const ours = ["counters", "migrations", "queue", "tokens"].map((table) => `resetkit_${table}`);

async function writeProject(folder: string, { url, dialect }: TriedDatabase): Promise<void> {
  const { out } = await resetkit(folder, "schema", "--drizzle", dialect);
  await writeFile(join(folder, "resetkit.ts"), out);
  await writeFile(join(folder, "users.ts"), people[dialect]);
  const configs = { with: ["users", "resetkit"], without: ["users"], dropping: ["users"] };
  for (const [name, files] of Object.entries(configs)) {
    const schema = files.map((file) => `./${file}.ts`);
    const config = { dialect, schema, out: "./out", dbCredentials: { url } };
    await writeFile(join(folder, `${name}.config.ts`), `export default ${JSON.stringify(config)};`);
  }
}

async function generated(folder: string): Promise<string> {
  const file = (await readdir(join(folder, "out"))).find((one) => one.endsWith(".sql"))!;
  return readFile(join(folder, "out", file), "utf8");
}
