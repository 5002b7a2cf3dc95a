import { spawn } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { passwordReset, randomNumber, storedTokens } from "resetkit";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { migrate, migrationSql, sqlStore } from "resetkit/stores/sql";
import type { Message, PasswordReset, SqlConnection, SqlDialect, Store } from "resetkit/types";
import { dialects } from "../../../src/stores/sql/dialects.js";
import { withPlaceholders } from "../../../src/stores/sql/statements.js";
import { goodPassword, keptLog } from "../../kit.js";
import { mariadb } from "../../servers/mariadb.js";
import { postgres } from "../../servers/postgres.js";

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/0.1.0/${name}`, import.meta.url));
const facts = JSON.parse(readFileSync(fixture("facts.json"), "utf8"));

/** A database with the tables and rows of version 0.1.0. */
interface OldDatabase {
  readonly connection: SqlConnection;
  /** What `old-process.mjs` is called with. */
  readonly words: readonly [SqlDialect, string];
  close(): unknown;
}

const databases: Record<string, () => Promise<OldDatabase>> = {
  async SQLite() {
    const folder = await mkdtemp(join(tmpdir(), "resetkit-upgrade-"));
    const file = join(folder, "app.db");
    copyFileSync(fixture("database.sqlite"), file);
    const db = new Database(file);
    const close = () => (db.close(), rm(folder, { recursive: true }));
    return { connection: betterSqlite3(db), words: ["sqlite", file], close };
  },
  async PostgreSQL() {
    const url = await postgres();
    const pool = new Pool({ connectionString: url });
    const connection = pg(pool);
    await fillAsOldVersion(connection);
    return { connection, words: ["postgres", url], close: () => pool.end() };
  },
  async MariaDB() {
    const url = await mariadb();
    const pool = createPool(url);
    const connection = mysql2(pool);
    await fillAsOldVersion(connection);
    return { connection, words: ["mysql", url], close: () => pool.end() };
  },
};

async function fillAsOldVersion({ dialect, query }: SqlConnection): Promise<void> {
  for (const text of statementsIn(readFileSync(fixture(`tables.${dialect}.sql`), "utf8"))) {
    await query({ text, rows: false }, []);
  }
  const db = new Database(fixture("database.sqlite"), { readonly: true });
  for (const table of ["tokens", "counters", "queue"]) {
    for (const row of db.prepare(`select * from resetkit_${table}`).all() as Record<string, any>[]) {
      const names = Object.keys(row);
      const text = `insert into resetkit_${table} (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`;
      await query({ text: withPlaceholders(dialects[dialect], text), rows: false }, Object.values(row));
    }
  }
  db.close();
}

function statementsIn(sql: string): string[] {
  const parts = sql.split(/;\n\n/).map((part) => part.replace(/^--.*\n\n/, "").trim());
  return parts.filter((part) => part !== "");
}

/** Works by the statements of version 0.1.0 until it's stopped. */
function startOldProcess(words: readonly string[]) {
  const program = fileURLToPath(new URL("old-process.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async rounds(count: number) {
      for (let i = 0; i < count; i++) {
        if ((await lines.next()).done) throw new Error(`The old process ended. It printed: ${errors}`);
      }
    },
    async stop() {
      child.stdin.end();
      while (!(await lines.next()).done);
      return { code: await ended, errors };
    },
  };
}

function newEngine(store: Store) {
  const accounts = structuredClone(facts.accounts) as { id: number; email: string; passwordHash: string }[];
  const mails: Message<any>[] = [];
  const clock = { now: facts.now + 1_000 };
  const reset: PasswordReset<any> = passwordReset<any>({
    users: {
      findByIdentifier: (email) => accounts.filter((account) => account.email === email),
      findById: (id) => accounts.find((account) => account.id === id),
      stateOf: ({ passwordHash, email, active }) => [passwordHash, email, active],
      setPassword(user, password, { expected }) {
        const account = accounts.find(({ id }) => id === user.id)!;
        if (account.passwordHash !== expected[0]) return false;
        account.passwordHash = `#newer#${password.length}`;
        return true;
      },
      revokeSessions: () => undefined,
    },
    secret: facts.secret,
    store,
    tokens: storedTokens({ generator: randomNumber({ digits: 8 }) }),
    url: "https://example.com/reset/{token}",
    deliver: (message) => void mails.push(message),
    throttles: { request: [{ by: "ip", max: facts.counted.max, per: "24h" }] },
    worker: "outside",
    clock: () => clock.now,
    log: keptLog(),
  });
  const mailed = () => mails.splice(0).map(({ kind, address }) => `${kind} ${address}`);
  return { reset, mailed };
}

for (const [name, open] of Object.entries(databases)) {
  describe(`a ${name} database of version 0.1.0`, () => {
    let old: OldDatabase;
    let engine: ReturnType<typeof newEngine>;
    beforeAll(async () => {
      old = await open();
      engine = newEngine(sqlStore(old.connection));
    });
    afterAll(() => old?.close());

    const isValid = (token: string, identifier?: string) => engine.reset.validate({ token, identifier });

    it("isn't taken for one of this version", async () => {
      await expect(sqlStore(old.connection).check!()).rejects.toThrow(
        'are at version 1 of 2. Run "npx resetkit migrate"',
      );
    });

    it("is migrated while a process of that version works, which goes on working", async () => {
      const running = startOldProcess(old.words);
      await running.rounds(5);
      expect(await migrate(old.connection)).toEqual([2]);
      await running.rounds(40);
      expect(await running.stop()).toEqual({ code: 0, errors: "" });
      await sqlStore(old.connection).check!();
      for (const [table, count] of Object.entries(facts.rows)) {
        const { rows } = await old.connection.query(
          { text: `select count(*) as n from resetkit_${table}`, rows: true },
          [],
        );
        expect(Number(rows[0]!.n), table).toBe(count);
      }
    });

    it("keeps its links and codes valid", async () => {
      for (const token of Object.values<string[]>(facts.links).flat())
        expect(await isValid(token)).toBe(true);
      expect(await isValid(facts.code.code, facts.code.identifier)).toBe(true);
      expect(await isValid(facts.used)).toBe(false);
    });

    it("keeps what was queued: the requests are mailed, and so is the password-changed email", async () => {
      await engine.reset.drain();
      const expected = [
        ...facts.queued.map((email: string) => `reset ${email}`),
        "changed edsger@example.com",
      ];
      expect(engine.mailed().sort()).toEqual(expected.sort());
      expect(await sqlStore(old.connection).queue!.list({ limit: 9 })).toEqual([]);
      expect(await isValid(facts.links.grace[0])).toBe(true);
    });

    it("lets its links and codes be used, once each", async () => {
      const uses = [
        { token: facts.links.ada[1] },
        { token: facts.links.grace[0] },
        { token: facts.code.code, identifier: facts.code.identifier },
      ];
      for (const use of uses) {
        await engine.reset.confirm({ ...use, password: goodPassword });
        await expect(engine.reset.confirm({ ...use, password: goodPassword })).rejects.toMatchObject({
          code: "invalid_token",
        });
      }
      expect(await isValid(facts.links.ada[0])).toBe(false);
      expect(await isValid(facts.links.linus[0])).toBe(false);
      await engine.reset.drain();
      expect(engine.mailed().sort()).toEqual(
        ["ada", "grace", "linus"].map((who) => `changed ${who}@example.com`),
      );
    });

    it("begins its limits anew (decision 181)", async () => {
      const { ip, max } = facts.counted;
      const request = () => engine.reset.request({ identifier: "nobody@example.com" }, { ip });
      for (let use = 0; use < max; use++) await request();
      await expect(request()).rejects.toMatchObject({ code: "throttled" });
    });
  });
}

it("migration 1 is still what version 0.1.0 published", () => {
  for (const dialect of ["sqlite", "postgres", "mysql"] as const) {
    const published = readFileSync(fixture(`tables.${dialect}.sql`), "utf8");
    expect(migrationSql(dialect).startsWith(published)).toBe(true);
    expect(migrationSql(dialect)).not.toBe(published);
  }
});
