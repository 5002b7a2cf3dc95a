import Database from "better-sqlite3";
import { mkdtemp, rm } from "node:fs/promises";
import { mkdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { createPool } from "mysql2/promise";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mariadb } from "../servers/mariadb.js";
import { postgres } from "../servers/postgres.js";
import { resetkit, root } from "./command.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-url-"));
  await mkdir(join(folder, "node_modules"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const install = (name: string) =>
  symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
const migrate = (...words: string[]) => resetkit(folder, "migrate", "--url", ...words);

describe("resetkit migrate --url", () => {
  it("makes the tables in a file, by a path in this folder or a whole one", async () => {
    await install("better-sqlite3");
    const whole = join(folder, "b.db");
    for (const url of ["file:a.db", "sqlite:./a.db", `file:${whole}`, `file://${whole}`]) {
      expect((await migrate(url)).code, url).toBe(0);
    }
    expect((await migrate("file:a.db")).out).toBe("The tables are already up to date.\n");
    expect((await migrate("file:a.db", "--prefix", "auth_")).out).toMatch(/^Applied: /);
    for (const file of ["a.db", "b.db"]) {
      const db = new Database(join(folder, file));
      expect(db.prepare("select count(*) as n from resetkit_tokens").get()).toEqual({ n: 0 });
      db.close();
    }
  });

  it("makes them in PostgreSQL, in the schema that is named, with pg or postgres.js", async () => {
    const url = await postgres();
    const pool = new pg.Pool({ connectionString: url });
    await pool.query("create schema tenant_a; create schema tenant_b");
    await install("pg");
    expect(await migrate(url)).toMatchObject({ code: 0, out: expect.stringMatching(/^Applied/) });
    // As Prisma writes it.
    expect((await migrate(`${url}?schema=tenant_a`)).out).toMatch(/^Applied/);
    await rm(join(folder, "node_modules/pg"));
    await install("postgres");
    expect((await migrate(url)).out).toBe("The tables are already up to date.\n");
    expect((await migrate(url, "--schema", "tenant_b")).out).toMatch(/^Applied/);
    const { rows } = await pool.query(
      "select schemaname from pg_tables where tablename = 'resetkit_tokens' order by 1",
    );
    expect(rows.map(({ schemaname }) => schemaname)).toEqual(["public", "tenant_a", "tenant_b"]);
    await pool.end();
  });

  it("makes them in MariaDB", async () => {
    const url = await mariadb();
    await install("mysql2");
    expect((await migrate(url)).out).toMatch(/^Applied/);
    expect((await migrate(url.replace(/^mysql/, "mariadb"))).out).toMatch(/up to date/);
    const pool = createPool(url);
    await pool.query("select count(*) from resetkit_tokens");
    await pool.end();
  });

  it("names the driver that is missing, and never the password", async () => {
    const missing = await migrate("mysql://root:hunter2@127.0.0.1:1/app");
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining("npm install mysql2")]);
    await install("pg");
    const down = await migrate("postgres://root:hunter2@127.0.0.1:1/app");
    expect([down.code, down.err]).toEqual([1, expect.stringContaining("ECONNREFUSED")]);
    expect(missing.err + down.err).not.toContain("hunter2");
  });
});
