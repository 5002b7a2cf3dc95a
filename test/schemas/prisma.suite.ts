/** What Prisma's own schema engine does with the tables: `npm run test:schemas`. */
import { fileURLToPath } from "node:url";
import { migrate } from "resetkit/stores/sql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resetkit } from "../cli/command.js";
import { run } from "../servers/debian.js";
import { packages } from "../servers/packages.js";
import { prismaConnect, prismaProject } from "../servers/prisma.js";
import { once } from "../servers/shared.js";
import { databases, type TriedDatabase, unavailable } from "./databases.js";
import { rowsOf } from "./evidence.js";
import { expectTablesToWork } from "./whole-reset.js";

const tool = "Prisma 7.10";
const manifest = {
  type: "module",
  dependencies: {
    // `prisma migrate diff` itself needs a native engine that it downloads, and without one it says nothing, as if
    // nothing had changed. This is the same engine, compiled to WebAssembly.
    "@prisma/schema-engine-wasm": "7.10.0-7.561d7b42579a2459cc8edf3788918b626c640023",
    "@prisma/adapter-libsql": "7.10.0",
    "@prisma/adapter-pg": "7.10.0",
    "@prisma/driver-adapter-utils": "7.10.0",
  },
};

const program = fileURLToPath(new URL("prisma-engine.mjs", import.meta.url));
const evidence = rowsOf("schemas");
let modules: string;
beforeAll(async () => {
  modules = await packages("prisma-schema-engine", manifest);
});
afterAll(() => evidence.write());

// The engine in WebAssembly has no MySQL: "Unsupported adapter provider: Mysql".
describe.each(["PostgreSQL", "SQLite"])(`${tool} on %s`, (name) => {
  let folder: string;
  let database: TriedDatabase;
  beforeAll(async () => {
    folder = await once(`prisma-schema-${name}`, async (made) => made);
    database = (await databases[name]!(folder))!;
  });
  afterAll(() => database?.close());

  it("drops the tables without their models (control), and leaves them alone with them", async () => {
    const [without, whole] = await schemasFor(folder, database);
    expect(await push(database, without)).toBeGreaterThan(0);
    await migrate(database.connection);
    await makeReadable(database);

    const dropping = await diff(database, without);
    const drops = [...dropping.matchAll(/drop table (?:["`]\w+["`]\.)?["`]?(\w+)/gi)].map(
      (match) => match[1],
    );
    expect([...new Set(drops)].sort(), dropping).toEqual(ours);
    expect(withoutComments(await diff(database, whole))).toBe("");
    expect(await push(database, whole)).toBe(0);
    await expectTablesToWork(database.connection);
    evidence.row(
      tool,
      name,
      "`migrate diff` and `db push` after `migrate()`",
      `plans to drop ${drops.length} tables`,
      "no changes",
    );
  });

  it("creates tables that work from the models, once", async () => {
    const fresh = (await databases[name]!(folder))!;
    const [, whole] = await schemasFor(folder, fresh);
    expect(await push(fresh, whole)).toBeGreaterThan(0);
    expect(await migrate(fresh.connection)).toEqual([1, 2]);
    await makeReadable(fresh);
    expect(withoutComments(await diff(fresh, whole))).toBe("");
    await expectTablesToWork(fresh.connection);
    await fresh.close();
    evidence.row(tool, name, "`db push`, then `migrate()`", "", "nothing to migrate; a reset runs");
  });

  const engine = async (on: TriedDatabase, text: string, command: "diff" | "push") => {
    const { url, dialect } = on;
    const input = JSON.stringify({ modules, url, dialect, text, command, folder });
    const { stdout } = await run(process.execPath, [program, input], { timeout: 60_000 });
    return JSON.parse(stdout.split("\n").at(-1)!);
  };
  const diff = async (on: TriedDatabase, text: string): Promise<string> =>
    (await engine(on, text, "diff")).stdout;

  /** How many steps `db push` took. */
  const push = async (on: TriedDatabase, text: string): Promise<number> => {
    const { executedSteps, unexecutable, warnings } = await engine(on, text, "push");
    expect([unexecutable, warnings]).toEqual([[], []]);
    return executedSteps;
  };
});

describe.each(["MariaDB", "MySQL"])(`${tool}'s client on %s`, (name) => {
  let database: TriedDatabase | null;
  let client: any;
  beforeAll(async () => {
    const folder = await once("prisma-models", async (made) => made);
    database = await databases[name]!(folder);
    if (!database) return;
    const { out } = await resetkit(folder, "schema", "--prisma", "mysql");
    const connect = await prismaConnect("mysql", await prismaProject("mysql", out));
    client = connect(database.url.replace(/^mysql:/, "mariadb:"));
    await migrate(database.connection);
  });
  afterAll(async () => {
    await client?.$disconnect();
    await database?.close();
  });

  it("reads and writes each column of the tables, and misses one that isn't there (control)", async (test) => {
    if (!database) return test.skip(unavailable);
    await expectTablesToWork(database.connection);
    expect((await client.resetkitMigrations.findMany()).map((row: any) => row.version)).toEqual([1, 2]);
    for (const [model, row] of Object.entries(rows)) {
      await client[model].create({ data: row });
      expect(await client[model].findFirst({ where: row }), model).toEqual(row);
    }
    await database.run("alter table resetkit_queue rename column failure to failed");
    await expect(client.resetkitQueue.findFirst()).rejects.toThrow("failure");
    evidence.row(tool, name, "the client, after `migrate()`", "", "reads and writes each column");
  });
});

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

/** A value for each column of each model. */
const rows = {
  resetkitTokens: {
    lookup: bytes("lookup"),
    proof: bytes("proof"),
    codeLookup: bytes("code lookup"),
    codeProof: bytes("code proof"),
    codeExpiresAt: 1n,
    scope: bytes("scope"),
    userId: bytes("user"),
    slot: 2,
    createdAt: 3n,
    expiresAt: 4n,
    delivery: "sent",
    leasedUntil: 5n,
    ip: "192.0.2.1",
    userAgent: "a browser",
  },
  resetkitCounters: { id: bytes("id"), hits: 1n, resetAt: 2n },
  resetkitQueue: {
    id: bytes("id"),
    sealed: bytes("sealed"),
    addedAt: 1n,
    dueAt: 2n,
    kind: "request",
    keyId: "key",
    attempts: 3,
    failure: "a reason",
  },
  resetkitMigrations: { version: 99, name: "a later one", appliedAt: new Date("2026-01-10T08:09:10Z") },
};

const ours = ["counters", "migrations", "queue", "tokens"].map((table) => `resetkit_${table}`);

/** The schema of an application, and the same with our models. */
async function schemasFor(folder: string, { dialect }: TriedDatabase): Promise<[string, string]> {
  const { out } = await resetkit(folder, "schema", "--prisma", dialect);
  const own = `datasource db {
  provider = "${dialect}"
}

model User {
  id    Int    @id
  email String

  @@map("users")
}
`;
  return [own, `${own}\n${out}`];
}

/**
 * On SQLite, the engine asks for a partial index in double quotes, which a SQLite without that misfeature rejects, as
 * libSQL's is. Prisma's native engine has a SQLite of its own that takes them.
 */
async function makeReadable({ dialect, run }: TriedDatabase): Promise<void> {
  if (dialect === "sqlite") await run("drop index resetkit_tokens_code");
}

/** Prisma writes "-- This is an empty migration." if there's nothing to do. */
function withoutComments(script: string): string {
  return script.replaceAll(/^--.*$/gm, "").trim();
}
