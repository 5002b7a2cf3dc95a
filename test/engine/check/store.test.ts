/** What the check says about a store that can't be reached, or of which a part doesn't do what it promises. */
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../src/stores/memory.js";
import { signedTokens } from "../../../src/tokens/signed.js";
import type { Store, TokenRow } from "../../../src/types.js";
import { soundKit } from "./sound.js";

const check = (store: Store) => soundKit({ store }).reset.check();

/** The check of a memory store of which some methods are others. */
async function withPart(part: "tokens" | "counters" | "queue", change: (methods: any) => object) {
  const store = memoryStore();
  const methods = store[part]!;
  return { store, findings: await check({ ...store, [part]: { ...methods, ...change(methods) } }) };
}

it("finds nothing in a store as it should be, and leaves nothing in it", async () => {
  const store = memoryStore();
  expect(await check({ ...store, check: async () => undefined })).toEqual([]);
  expect(await store.tokens.list({ limit: 10 })).toEqual([]);
  expect(await store.queue!.list({ limit: 10 })).toEqual([]);
});

it("has nothing to look at without a store", async () => {
  const kit = soundKit({ store: undefined, tokens: signedTokens() } as never);
  expect((await kit.reset.check()).map(({ what }) => what)).toEqual([
    expect.stringMatching(/^The store has no queue/),
  ]);
});

it("isn't asked for a queue that it doesn't have", async () => {
  const findings = await check({ ...memoryStore(), queue: undefined as never });
  expect(findings.map(({ what }) => what)).toEqual([expect.stringMatching(/^The store has no queue/)]);
});

describe("a store's own check", () => {
  const failing = (error: unknown) =>
    check({ ...memoryStore(), check: () => Promise.reject(error as Error) });
  const coded = (code: string, message = "it said no") => Object.assign(new Error(message), { code });

  it.each([
    "ECONNREFUSED",
    "08006",
    "28P01",
    "3D000",
    "ER_ACCESS_DENIED_ERROR",
    "ER_BAD_DB_ERROR",
    "PROTOCOL_CONNECTION_LOST",
    "SQLITE_CANTOPEN",
    "SQLITE_NOTADB",
    "SQLITE_CANTOPEN_ISDIR",
  ])("that fails with %s has found no database", async (code) => {
    expect(await failing(coded(code))).toEqual([
      {
        level: "error",
        what: `The store can't be reached. Error ${code}: it said no.`,
        fix: expect.stringMatching(/^Start the database, and check the host/),
      },
    ]);
  });

  it.each([
    "connect ECONNREFUSED 127.0.0.1:5432",
    "getaddrinfo ENOTFOUND db",
    "read ECONNRESET",
    "no route: EHOSTUNREACH",
    "connect to it failed",
    "Connection terminated unexpectedly",
  ])("whose error has no code is known by its words: %s", async (message) => {
    expect(await failing(new Error(message))).toEqual([
      {
        level: "error",
        what: `The store can't be reached. ${message}.`,
        fix: expect.stringContaining("the credentials of its connection"),
      },
    ]);
  });

  it.each([
    "42501",
    "ER_TABLEACCESS_DENIED_ERROR",
    "SQLITE_ERROR",
    "SQLITE_READONLY",
    "X08006",
    "080061",
    "28",
    "23D000",
    "E",
  ])("that fails with %s has found one", async (code) => {
    const [finding, ...others] = await failing(coded(code, "The table is missing. Run it"));
    expect(others).toEqual([]);
    expect(finding).toEqual({
      level: "error",
      what: `Error ${code}: The table is missing.`,
      fix: "Run it.",
    });
  });

  it.each(["The pool can't connect to it", "Lost Connection to it", "connected: twice", "MECONN"])(
    "whose words are others, such as %j, has found one, too",
    async (message) => {
      const [finding] = await failing(new Error(message));
      expect(finding!.what).not.toContain("can't be reached");
    },
  );

  it("is quoted without the name that every error has, and with any other", async () => {
    expect((await failing(new Error("It broke. Mend it")))[0]!.what).toBe("It broke.");
    expect((await failing(new TypeError("It broke. Mend it")))[0]!.what).toBe("TypeError: It broke.");
  });

  it("may fail with what has no message", async () => {
    expect((await failing({ code: "42501" }))[0]).toMatchObject({ level: "error", what: "object." });
  });

  it("keeps the queue from being looked at, since that would only repeat it", async () => {
    const store = memoryStore();
    let asked = 0;
    const stats: NonNullable<Store["queue"]>["stats"] = (...given) => (asked++, store.queue!.stats(...given));
    const queue = { ...store.queue!, stats };
    await check({ ...store, queue, check: () => Promise.reject(new Error("It broke. Mend it")) });
    expect(asked).toBe(0);
    await check({ ...store, queue });
    expect(asked).toBe(1);
  });
});

describe("a clock that differs from the database's", () => {
  it("is found besides", async () => {
    const store = memoryStore();
    const kit = soundKit({ store: { ...store, time: async () => kit.clock.now + 60_000 } });
    expect(await kit.reset.check()).toEqual([
      {
        level: "error",
        what: expect.stringContaining("60 seconds behind the database's"),
        fix: expect.stringContaining("NTP"),
      },
    ]);
  });
});

describe("a part that says no", () => {
  it.each([
    ["tokens", "put"],
    ["tokens", "find"],
    ["tokens", "lease"],
    ["tokens", "removeByUser"],
    ["counters", "hit"],
    ["counters", "removeExpired"],
    ["queue", "add"],
    ["queue", "retry"],
    ["queue", "lease"],
    ["queue", "done"],
  ] as const)("is named, with the rights that it needs: %s.%s", async (part, method) => {
    const { findings } = await withPart(part, () => ({
      [method]: () => Promise.reject(new Error("permission denied")),
    }));
    expect(findings).toEqual([
      {
        level: "error",
        what: `The store's ${part} don't work. Error: permission denied.`,
        fix: expect.stringContaining("select, insert, update and delete"),
      },
    ]);
  });
});

describe("a part that does something else than it promises", () => {
  /** What is said about it, of which each begins and ends in the same way. */
  async function wrong(part: "tokens" | "counters" | "queue", change: (methods: any) => object) {
    const { store, findings } = await withPart(part, change);
    const [finding, ...others] = findings;
    expect(others).toEqual([]);
    expect(finding!.level).toBe("error");
    expect(finding!.fix).toContain("without options, type parsers, or casts");
    const [begin, what] = finding!.what.split(": ", 2);
    expect(begin).toBe(`The store's ${part} don't work`);
    return { what, store };
  }
  const found = (change: (row: TokenRow) => object) => (tokens: Store["tokens"]) => ({
    async find(lookup: Uint8Array) {
      const row = (await tokens.find(lookup)) as TokenRow;
      return { ...row, ...change(row) };
    },
  });

  it.each([
    ["always 1", { count: 1 }, {}, "two hits were counted as [1,1]."],
    ["2 at first", { count: 2 }, { count: 2 }, "two hits were counted as [2,2]."],
    ["text", { count: "1" }, { count: "2" }, 'two hits were counted as ["1","2"].'],
    ["another end", {}, { resetAt: 5 }, "two hits were counted as [1,2]."],
  ])("such as counters with %s", async (_name, first, second, sentence) => {
    const changes = [first, { ...second }];
    if ("count" in first && !("count" in second)) changes[1] = first;
    const { what } = await wrong("counters", (counters: Store["counters"]) => ({
      async hit(...given: Parameters<typeof counters.hit>) {
        return { ...(await counters.hit(...given)), ...changes.shift() };
      },
    }));
    expect(what).toBe(sentence);
  });

  it.each<[string, (tokens: Store["tokens"]) => object, string]>([
    ["doesn't take a row", () => ({ put: async () => "taken" }), 'a new row was reported as "taken".'],
    ["loses a row", () => ({ find: async () => null }), "a row that was stored isn't found."],
    ["gives no bytes", found((row) => ({ lookup: [...row.lookup] })), "bytes come back as something else."],
    ["gives a text", found(({ proof }) => ({ proof: String(proof) })), "bytes come back as something else."],
    [
      "cuts bytes off",
      found(({ proof }) => ({ proof: proof.slice(0, 31) })),
      "bytes come back as something else.",
    ],
    [
      "changes bytes",
      found(({ lookup }) => ({ lookup: lookup.map((byte) => byte ^ 1) })),
      "bytes come back as something else.",
    ],
    [
      "gives a text for a number",
      found(({ expiresAt }) => ({ expiresAt: String(expiresAt) })),
      "a number comes back as string.",
    ],
    ["leases nothing", () => ({ lease: async () => false }), "a row without a lease can't be leased."],
    ["leases all", () => ({ lease: async () => true }), "a row was leased twice."],
  ])("such as one that %s", async (_name, change, sentence) => {
    const { what, store } = await wrong("tokens", change);
    expect(what).toBe(sentence);
    expect(await store.tokens.list({ limit: 10 })).toEqual([]);
  });

  it("such as one that says it removed nothing", async () => {
    const { findings } = await withPart("tokens", (tokens: Store["tokens"]) => ({
      removeByUser: async (...given: Parameters<typeof tokens.removeByUser>) =>
        String(await tokens.removeByUser(...given)),
    }));
    expect(findings.map(({ what }) => what)).toEqual([
      `The store's tokens don't work. Error: Removing one row was reported as "1".`,
    ]);
  });

  it("such as a queue that hands out what isn't due", async () => {
    const { what, store } = await wrong("queue", () => ({ lease: async () => [{}] }));
    expect(what).toBe("an entry that isn't due was handed out.");
    expect(await store.queue!.list({ limit: 10 })).toEqual([]);
  });
});

describe("what is written to try a store", () => {
  it("is a token of nobody, which no link has", async () => {
    const rows: TokenRow[] = [];
    await withPart("tokens", (tokens: Store["tokens"]) => ({
      put: (...given: Parameters<typeof tokens.put>) => (rows.push(given[0]), tokens.put(...given)),
    }));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ scope: "", delivery: "pending", leasedUntil: 0 });
    expect(rows[0]!.userId).toHaveLength(16);
    expect(rows[0]!.expiresAt).toBeGreaterThan(rows[0]!.createdAt);
  });

  it("is a counter under a name of its own each time", async () => {
    const keys: string[] = [];
    for (let n = 0; n < 2; n++)
      await withPart("counters", (counters: Store["counters"]) => ({
        hit: (...given: Parameters<typeof counters.hit>) => (keys.push(given[0]), counters.hit(...given)),
      }));
    const names = [...new Set(keys)];
    expect(names).toHaveLength(2);
    for (const name of names) expect(name).toMatch(/^check:[\da-f]{32}$/);
  });

  it("is an entry that isn't due for an hour, and that names the check", async () => {
    const seen: unknown[] = [];
    const due: boolean[] = [];
    await withPart("queue", (queue: NonNullable<Store["queue"]>) => ({
      add(...given: Parameters<typeof queue.add>) {
        due.push(given[0].dueAt <= given[0].addedAt);
        return queue.add(...given);
      },
      async lease(...given: Parameters<typeof queue.lease>) {
        seen.push(...(await queue.list({ limit: 10 })));
        return queue.lease(...given);
      },
    }));
    expect(due).toEqual([false]);
    expect(seen).toHaveLength(1);
    const { addedAt, dueAt } = seen[0] as { addedAt: number; dueAt: number };
    expect(seen[0]).toMatchObject({ kind: "request", failure: "check", attempts: 1 });
    expect(dueAt - addedAt).toBeGreaterThan(3_600_000);
  });
});
