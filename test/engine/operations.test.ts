/** What operators see and do, under the pages of administrators. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { operationsOf } from "../../src/engine/inner.js";
// Named here so that it's loaded before the first test: the engine loads it when it's first needed.
import "../../src/engine/operations.js";
import { memoryStore } from "../../src/stores/memory.js";
import { djangoTokens } from "../../src/tokens/django.js";
import { signedTokens } from "../../src/tokens/signed.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { AdminAction, ResetOptions, TokenRow, UserId } from "../../src/types.js";
import { makeKit, people, secret, type Person } from "../kit.js";

const [ada, grace] = ["ada@example.com", "grace@example.com"] as const;
const actor = { by: "root", request: { ip: "192.0.2.9", userAgent: "admin", data: undefined } };

afterEach(() => void vi.useRealTimers());

async function operating(options: Partial<ResetOptions<Person>> = {}, accounts = people(ada, grace)) {
  const kit = makeKit(options, accounts);
  const acts: AdminAction[] = [];
  kit.reset.on("adminAction", (act) => void acts.push(act));
  return { ...kit, acts, operations: await operationsOf(kit.reset, "the test")() };
}

/** Rows of accounts with these ids, each a second younger than the one before. */
async function storeWith(
  ...rows: { readonly userId: UserId; readonly scope?: string; readonly for?: number }[]
) {
  const store = memoryStore();
  const now = makeKit().clock.now;
  const kept: TokenRow[] = [];
  for (const [index, { userId, scope = "", for: lasts = 3_600_000 }] of rows.entries()) {
    const lookup = Buffer.alloc(16);
    // The store lists rows by their lookup, from the oldest to the youngest here.
    lookup.writeUInt32BE(index);
    const createdAt = now + index * 1_000;
    const row: TokenRow = {
      ...{ lookup, proof: Buffer.alloc(32), userId, scope, createdAt, expiresAt: now + lasts },
      leasedUntil: 0,
      delivery: "accepted",
    };
    await store.tokens.put(row, { now: createdAt, maxLive: 20, pendingFor: 1, quietFor: 1 });
    kept.push(row);
  }
  return { store, kept };
}

const page = { offset: 0, limit: 10 };

describe("which tokens are listed", () => {
  it.each([
    ["all", undefined],
    ["all", storedTokens()],
    ["partly", [storedTokens(), signedTokens()]],
    ["partly", [storedTokens(), djangoTokens({ secretKey: secret, ids: "integer" })]],
    ["none", signedTokens()],
  ] as const)("is said to be %s", async (listed, tokens) => {
    expect((await operating({ tokens } as never)).operations.listed).toBe(listed);
  });

  it("is none of them without a store, whatever their kind", async () => {
    const own = { ...signedTokens(), kind: "own" };
    const { operations } = await operating({ tokens: own as never, store: undefined } as never);
    expect(operations.listed).toBe("none");
    expect(operations.hasStoredQueue).toBe(false);
    expect(await operations.tokens(page)).toEqual({ rows: [], count: 0, isSample: false });
    expect(await operations.account("n:1", "")).toMatchObject({ id: "n:1", tokens: [] });
  });

  it("is none of the signed ones, though the store has rows", async () => {
    const { store } = await storeWith({ userId: 1 });
    const { operations } = await operating({ store, tokens: signedTokens() });
    expect(await operations.tokens(page)).toEqual({ rows: [], count: 0, isSample: false });
    expect(operations.hasStoredQueue).toBe(true);
    expect(await operations.account("n:1", "")).toMatchObject({ tokens: [] });
    const without = await operating({ store: { ...store, queue: undefined } });
    expect(without.operations.hasStoredQueue).toBe(false);
  });
});

describe("the list of tokens", () => {
  it("has the valid ones, newest first, with the names of their accounts", async () => {
    const { store, kept } = await storeWith({ userId: 1 }, { userId: 2, for: 5_000 }, { userId: 9 });
    const { operations, clock } = await operating({ store });
    const names = [
      { id: "n:1", plainId: "1", scope: "", identifiers: [ada] },
      { id: "n:2", plainId: "2", scope: "", identifiers: [grace] },
      { id: "n:9", plainId: "9", scope: "", identifiers: [] },
    ];
    const [first, second, third] = kept.map((row, index) => ({ row, account: names[index] }));
    expect(await operations.tokens(page)).toEqual({
      rows: [third, second, first],
      count: 3,
      isSample: false,
    });
    clock.now += 4_999;
    expect((await operations.tokens(page)).count).toBe(3);
    clock.now += 1;
    expect(await operations.tokens(page)).toEqual({ rows: [third, first], count: 2, isSample: false });
    expect(await operations.tokens({ offset: 1, limit: 1 })).toMatchObject({ rows: [first], count: 2 });
    expect(operations.now()).toBe(clock.now);
  });

  it("has those of one tenant, or of all", async () => {
    const { store } = await storeWith(
      { userId: 1, scope: "north" },
      { userId: 1 },
      { userId: 2, scope: "north" },
    );
    const { operations } = await operating({ store });
    const counts = async (scope?: string) => (await operations.tokens({ ...page, scope })).count;
    expect([await counts(), await counts(""), await counts("north"), await counts("south")]).toEqual([
      3, 1, 2, 0,
    ]);
    const { rows } = await operations.tokens({ ...page, scope: "north" });
    expect(rows.map(({ account }) => account.scope)).toEqual(["north", "north"]);
  });

  it("names an account that can't be read by its id", async () => {
    const { store } = await storeWith({ userId: 1 });
    const accounts = people(ada);
    accounts.users.stateOf = () => Promise.reject(new Error("no such column"));
    const { operations } = await operating({ store }, accounts);
    const { rows } = await operations.tokens(page);
    expect(rows.map(({ account }) => account)).toEqual([
      { id: "n:1", plainId: "1", scope: "", identifiers: [] },
    ]);
  });

  it.each([
    [4_999, false],
    [5_000, true],
    [5_001, true],
  ])("of %i rows says whether it's a sample: %j", async (count, isSample) => {
    const { store, kept } = await storeWith({ userId: 1 });
    const lookups = Array.from({ length: count }, (_, n) => n);
    const rows = lookups.map((n) => ({ ...kept[0]!, lookup: Buffer.from(String(n).padStart(16, "0")) }));
    const tokens = {
      ...store.tokens,
      list: async ({ after, limit }: { after?: Uint8Array | undefined; limit: number }) => {
        const start = after ? Number(Buffer.from(after).toString()) + 1 : 0;
        return rows.slice(start, start + limit);
      },
    };
    const { operations } = await operating({ store: { ...store, tokens } });
    const list = await operations.tokens({ offset: 0, limit: 1 });
    expect(list).toMatchObject({ count: Math.min(count, 5_000), isSample });
    expect(list.rows).toHaveLength(1);
  });
});

describe("an account", () => {
  it("is seen with what names it, whether it may be reset, and its valid tokens", async () => {
    const { store, kept } = await storeWith(
      { userId: 1 },
      { userId: 2 },
      { userId: 1, for: 3_000 },
      { userId: 1, scope: "north" },
    );
    const { operations, clock, byId } = await operating({ store });
    const [first, , third] = kept;
    const view = { id: "n:1", plainId: "1", scope: "", identifiers: [ada], mayReset: true };
    expect(await operations.account("n:1", "")).toEqual({ ...view, tokens: [first, third] });
    clock.now += 3_000;
    byId.get(1)!.active = false;
    expect(await operations.account("n:1", "")).toEqual({ ...view, mayReset: false, tokens: [first] });
    expect(await operations.account("n:9", "")).toBe(null);
  });
});

describe("the search", () => {
  it("finds accounts by what users type, and by their id, each once", async () => {
    const accounts = people(ada, "1");
    const { operations } = await operating({}, accounts);
    const ids = async (text: string) => (await operations.find(text, "")).map(({ id }) => id);
    expect(await ids("ADA@example.com")).toEqual(["n:1"]);
    expect(await ids("2")).toEqual(["n:2"]);
    // The second account's identifier is the first one's id.
    expect(await ids("1")).toEqual(["n:2", "n:1"]);
    accounts.byId.get(1)!.email = "1";
    accounts.byId.delete(2);
    expect(await ids("1")).toEqual(["n:1"]);
    expect(await ids("9")).toEqual([]);
  });

  /** What `users.findById` is asked for, when a text is searched for, and it finds what `isIt`. */
  async function readings(text: string, isIt: (id: UserId) => boolean = () => false) {
    const asked: UserId[] = [];
    const accounts = people(ada);
    Object.assign(accounts.users, {
      idOf: (user: { key: UserId }) => user.key,
      parseId: (hex: string) => `ObjectId ${hex}`,
      findById: (id: UserId) => (asked.push(id), isIt(id) ? { ...accounts.byId.get(1)!, key: id } : null),
    });
    const { operations } = await operating({}, accounts);
    const found = await operations.find(text, "");
    return {
      asked: asked.map((id) => (id instanceof Uint8Array ? Buffer.from(id).toString("hex") : id)),
      found,
    };
  }

  it.each<[string, unknown[]]>([
    ["42", [42, "42", "42"]],
    ["-7", [-7, "-7"]],
    ["9007199254740991", [9_007_199_254_740_991, "9007199254740991", "9007199254740991"]],
    ["9007199254740992", ["9007199254740992", "9007199254740992"]],
    ["12345678901234567", ["12345678901234567"]],
    ["4a2", ["4a2"]],
    ["x42", ["x42"]],
    ["0x10", ["0x10"]],
    ["1e3", ["1e3"]],
    ["42x", ["42x"]],
    ["", [""]],
    ["00FF", ["00FF", "00ff"]],
    ["00ffg", ["00ffg"]],
    ["g00ff", ["g00ff"]],
    [
      "65f0a1b2c3d4e5f6a7b8c9d0",
      ["65f0a1b2c3d4e5f6a7b8c9d0", "ObjectId 65f0a1b2c3d4e5f6a7b8c9d0", "65f0a1b2c3d4e5f6a7b8c9d0"],
    ],
    ["65f0a1b2c3d4e5f6a7b8c9d0e1", ["65f0a1b2c3d4e5f6a7b8c9d0e1", "65f0a1b2c3d4e5f6a7b8c9d0e1"]],
    ["ef".repeat(64), ["ef".repeat(64), "ef".repeat(64)]],
    ["ef".repeat(65), ["ef".repeat(65)]],
    ["zzzzzzzzzzzzzzzzzzzzzzzz", ["zzzzzzzzzzzzzzzzzzzzzzzz"]],
  ])("tries each type that the id %j may have", async (text, ids) => {
    expect((await readings(text)).asked).toEqual(ids);
  });

  it("takes an id only if it's the one that was typed, in whatever case", async () => {
    const bytes = await readings("00FF", (id) => id instanceof Uint8Array);
    expect(bytes.found).toMatchObject([{ id: "x:00ff", plainId: "00ff" }]);
    const text = await readings("Ada", () => true);
    expect(text.found).toMatchObject([{ id: "s:Ada" }]);
    expect((await readings("7", () => true)).found).toMatchObject([{ id: "n:7" }]);
    // A database that finds another row: 007 as a number is 7.
    const other = await readings("007", (id) => id === 7);
    expect(other.found).toEqual([]);
  });

  it("goes on after a type that the database rejects", async () => {
    const { found, asked } = await readings("7", (id) => {
      if (typeof id === "number") throw new Error("invalid input syntax");
      return id === "7";
    });
    expect(asked).toEqual([7, "7"]);
    expect(found).toMatchObject([{ id: "s:7" }]);
  });
});

describe("an act", () => {
  it("that sends a link says who did it, and keeps the browser of who did it out of the mail", async () => {
    const { operations, acts, reset, mails } = await operating();
    await operations.issue("n:2", "north", actor);
    expect(acts).toEqual([{ action: "issue", userId: 2, ...actor }]);
    await reset.drain();
    expect(mails).toMatchObject([{ address: grace, scope: "north", request: {} }]);
    expect(mails[0]!.request.ip).toBe(undefined);
  });

  it("that sends a link hands the work over where the process freezes after its answer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const handed: Promise<unknown>[] = [];
    const { operations, mails } = await operating({ worker: "waitUntil" });
    await operations.issue("n:1", "", { ...actor, waitUntil: (work) => void handed.push(work) });
    expect([handed.length, mails.length]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(2_040);
    await handed[0];
    expect(mails).toMatchObject([{ address: ada }]);
  });

  it("that revokes links says who did it, and leaves those of others and of other tenants", async () => {
    const { store } = await storeWith({ userId: 1 }, { userId: 2 }, { userId: 1, scope: "north" });
    const { operations, acts } = await operating({ store });
    await operations.revoke("n:1", "north", actor);
    expect(acts.splice(0)).toEqual([{ action: "revoke", userId: 1, ...actor }]);
    const left = async () =>
      (await store.tokens.list({ limit: 9 })).map(({ userId, scope }) => [userId, scope]);
    expect(await left()).toEqual([
      [1, ""],
      [2, ""],
    ]);
    await operations.revoke("n:1", "", actor);
    expect(await left()).toEqual([[2, ""]]);
  });

  it.each(["issue", "revoke"] as const)(
    "on an account that is gone is refused, and not told: %s",
    async (act) => {
      const { operations, acts } = await operating();
      await expect(operations[act]("n:9", "", actor)).rejects.toMatchObject({ code: "unknown_account" });
      expect(acts).toEqual([]);
    },
  );
});

describe("the queue", () => {
  it("is counted, listed after an id, and each entry is found by its id", async () => {
    const { operations, reset, clock } = await operating();
    expect(await operations.stats()).toEqual({ waiting: 0, oldestAt: undefined, foreign: 0 });
    const start = clock.now;
    for (const identifier of [ada, grace]) {
      await reset.request({ identifier });
      clock.now += 1_000;
    }
    expect(await operations.stats()).toEqual({ waiting: 2, oldestAt: start, foreign: 0 });
    const entries = await operations.entries({ limit: 5 });
    expect(entries).toMatchObject([
      { kind: "request", addedAt: start, isForeign: false },
      { kind: "request", addedAt: start + 1_000, isForeign: false },
    ]);
    expect(await operations.entries({ limit: 1 })).toEqual(entries.slice(0, 1));
    expect(await operations.entries({ after: entries[0]!.id, limit: 5 })).toEqual(entries.slice(1));
    expect(await operations.entry(entries[1]!.id)).toEqual(entries[1]);
    expect(await operations.entry("0")).toBe(null);
  });

  it("loses an entry that is dropped, once, with an event", async () => {
    const { operations, reset, acts, mails } = await operating();
    await reset.request({ identifier: ada });
    const [entry] = await operations.entries({ limit: 1 });
    expect(await operations.drop(entry!.id, actor)).toBe(true);
    expect(acts).toEqual([{ action: "drop", entryId: entry!.id, kind: "request", ...actor }]);
    expect(await operations.drop(entry!.id, actor)).toBe(false);
    expect(acts).toHaveLength(1);
    await reset.drain();
    expect(mails).toEqual([]);
  });

  it("keeps an entry of another application, or of an unknown one, as it is", async () => {
    const store = memoryStore();
    await makeKit({ store, secret: "another secret of the tests: 9876543210 zyxwvut" }).reset.request({
      identifier: ada,
    });
    const { operations, acts } = await operating({ store });
    const [foreign] = await operations.entries({ limit: 1 });
    expect(foreign!.isForeign).toBe(true);
    expect(await operations.stats()).toMatchObject({ foreign: 1 });
    expect(await operations.drop(foreign!.id, actor)).toBe(false);
    expect(await operations.entry(foreign!.id)).toEqual(foreign);
    expect(acts).toEqual([]);
    // An entry from before there were key ids is nobody else's.
    await store.queue!.add({ id: "z", sealed: new Uint8Array(1), addedAt: 1, dueAt: 1, kind: "issue" });
    expect(await operations.entry("z")).toMatchObject({ isForeign: false });
  });
});
