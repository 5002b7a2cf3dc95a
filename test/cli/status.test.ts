import Database from "better-sqlite3";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { IntentKind, RequestQueue } from "resetkit/types";
import { row, rule } from "../../src/testing/store/samples.js";
import { resetkit, root } from "./command.js";

const config = `
  import Database from "better-sqlite3";
  import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
  import { sqlStore } from "resetkit/stores/sql";
  const db = new Database("app.db");
  export const store = sqlStore(betterSqlite3(db));
  export const close = () => db.close();`;

const minute = 60_000;

let folder: string;
let db: Database.Database;
let queue: RequestQueue;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-status-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "resetkit.config.mjs"), config);
  db = new Database(join(folder, "app.db"));
  await migrate(betterSqlite3(db));
  queue = sqlStore(betterSqlite3(db)).queue!;
});
afterEach(async () => {
  db.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => resetkit(folder, ...args);
const idOf = (number: number) => number.toString(16).padStart(32, "0");

/** Adds an entry that is so many minutes old; due at once, or in the future. */
async function add(number: number, kind: IntentKind | undefined, age: number, dueIn = 0): Promise<string> {
  const addedAt = Date.now() - age * minute;
  const dueAt = dueIn === 0 ? addedAt : Date.now() + dueIn * minute;
  await queue.add({ id: idOf(number), sealed: new Uint8Array(9), addedAt, dueAt, kind, keyId: "Kx7" });
  return idOf(number);
}

describe("resetkit status", () => {
  it("reports an empty queue, and counts tokens", async () => {
    const { tokens } = sqlStore(betterSqlite3(db));
    const now = Date.now();
    for (const [number, expiresAt] of [now + minute, now + minute, now - minute].entries()) {
      const times = { createdAt: now - 2 * minute, expiresAt };
      await tokens.put(row(number, { userId: number, ...times }), rule({ now: now - 2 * minute }));
    }
    expect(await run("status")).toEqual({
      code: 0,
      out: "Queue: nothing is waiting.\nTokens: 2 valid, 1 expired.\n",
      err: "",
    });
    expect(JSON.parse((await run("status", "--json")).out)).toEqual({
      queue: { waiting: 0, oldestAt: null, taken: null, failing: [], stuck: [] },
      tokens: { valid: 2, expired: 1, isSample: false },
    });
  });

  it("warns if entries wait and no worker leases one, and succeeds: requests have a deadline", async () => {
    await add(1, "request", 4);
    await add(2, "request", 2);
    await add(3, "request", 1, 5);
    const { code, out, err } = await run("status");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toBe(
      [
        "Queue: 2 entries are waiting. The oldest was added 4 minutes ago.",
        "Warning: no worker leased an entry in 3 seconds. Start one with: npx resetkit work",
        "Tokens: 0 valid, 0 expired.",
        "",
      ].join("\n"),
    );
    expect(JSON.parse((await run("status", "--json")).out).queue).toMatchObject({ waiting: 2, taken: false });
  });

  it("doesn't warn while a worker takes entries", async () => {
    await add(1, "request", 1);
    await add(2, "request", 1);
    const reporting = run("status", "--json");
    let isDone = false;
    void reporting.then(() => (isDone = true));
    // A worker that hands out one of them, again and again, until the report is there. They stay due, however slow the report is.
    while (!isDone) {
      await queue.lease(1, Date.now(), Date.now() - 30_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { queue: seen } = JSON.parse((await reporting).out);
    expect(seen).toMatchObject({ waiting: 2, taken: true });
  });

  it("shows what keeps failing and why", async () => {
    const id = await add(1, "request", 90);
    for (const failure of ["first", "ECONNREFUSED 127.0.0.1:587"]) {
      await queue.retry(id, Date.now() + minute, failure);
    }
    const { code, out } = await run("status");
    expect(code).toBe(0);
    expect(out).toContain(
      `Failing:\n  ${id}  request  1 hour      2 attempts    ECONNREFUSED 127.0.0.1:587\n`,
    );
    expect(JSON.parse((await run("status", "--json")).out).queue.failing).toMatchObject([
      { id, kind: "request", attempts: 2, failure: "ECONNREFUSED 127.0.0.1:587" },
    ]);
  });

  it.each<[IntentKind | undefined, number, number]>([
    ["finish", 16, 1],
    ["changed", 16, 1],
    ["issue", 16, 1],
    ["request", 16, 0],
    [undefined, 16, 0],
    ["finish", 13, 0],
  ])("with an entry of kind %s that is %d minutes old leaves with %d", async (kind, age, expected) => {
    const id = await add(1, kind, age, 5);
    const { code, out, err } = await run("status", "--json");
    expect(code).toBe(expected);
    expect(JSON.parse(out).queue.stuck.map((one: { id: string }) => one.id)).toEqual(expected ? [id] : []);
    expect(err).toBe(
      expected
        ? "resetkit status failed. Error: 1 entry has been waiting for more than 15 minutes and should have taken seconds.\n"
        : "",
    );
  });

  it("says so if the store has no queue", async () => {
    await writeFile(
      join(folder, "bare.config.mjs"),
      `${config.replace("export const store", "const whole")}\nconst { tokens, counters } = whole;\nexport const store = { tokens, counters };`,
    );
    for (const words of [["status"], ["queue", "list"]]) {
      const { code, err } = await run(...words, "--config", "bare.config.mjs");
      expect(code).toBe(2);
      expect(err).toContain("The store has no queue");
    }
  });
});

describe("resetkit queue", () => {
  it("lists every entry, for people and for programs", async () => {
    expect(await run("queue", "list")).toEqual({ code: 0, out: "The queue is empty.\n", err: "" });
    expect((await run("queue", "list", "--json")).out).toBe("");
    const first = await add(1, "changed", 121);
    const second = await add(2, undefined, 0.5);
    await queue.retry(first, Date.now(), "the mail server is down");
    const { out } = await run("queue", "list");
    expect(out.split("\n")).toEqual([
      `${first}  changed  2 hours     1 attempt     the mail server is down`,
      expect.stringMatching(new RegExp(`^${second}  -        \\d+ (seconds|minute)\\s+0 attempts$`)),
      "",
    ]);
    const lines = (await run("queue", "list", "--json")).out.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { id: first, kind: "changed", keyId: "Kx7", attempts: 1, failure: "the mail server is down" },
      { id: second, attempts: 0 },
    ]);
  });

  it("drops the entry that is named, says which it was, and no other", async () => {
    // More than a page of them.
    for (let number = 0; number < 502; number++) await add(number, "finish", 20);
    const id = idOf(501);
    const { code, out } = await run("queue", "drop", id);
    expect([code, out]).toEqual([0, `Dropped ${id}  finish   20 minutes  0 attempts\n`]);
    expect((await queue.list({ limit: 999 })).length).toBe(501);
    expect(JSON.parse((await run("queue", "drop", idOf(0), "--json")).out)).toMatchObject({
      dropped: { id: idOf(0), kind: "finish" },
    });
    expect(await run("queue", "drop", id)).toEqual({
      code: 1,
      out: "",
      err: `resetkit queue failed. Error: The queue has no entry "${id}". Run "resetkit queue list" to see the IDs.\n`,
    });
  });
});
