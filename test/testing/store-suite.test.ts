import { describe, expect, it } from "vitest";
import { placementOf, replacedBy } from "../../src/stores/eviction.js";
import { memoryStore } from "resetkit/stores/memory";
import { storeCases, storeSuite } from "resetkit/testing";
import type { Store, TokenRow } from "resetkit/types";

/** Lets the other callers in between the look and the change, as a round trip to a database does. */
const pause = () => new Promise((resolve) => setImmediate(resolve));

/** Right as long as nobody else is there: it reads first and writes afterwards, as most resets do. */
function selectThenWrite(): Store {
  const { tokens, queue } = memoryStore();
  const windows = new Map<string, { count: number; resetAt: number }>();
  return {
    tokens: {
      ...tokens,
      async put(row, rule) {
        const placement = placementOf(
          await tokens.liveOf(row.userId, { scope: row.scope, now: 0 }),
          row,
          rule,
        );
        const taken = (await tokens.find(row.lookup)) ?? (row.code && (await tokens.find(row.code.lookup)));
        await pause();
        if (placement === "over_cap") return "over_cap";
        if (taken) return "taken";
        for (const victim of placement.evict) await tokens.finish(victim.lookup);
        await tokens.put(row, { ...rule, maxLive: Number.POSITIVE_INFINITY });
        return placement.outcome;
      },
      async delivered(lookup, accepted, replace) {
        await tokens.delivered(lookup, accepted);
        const row = (await tokens.find(lookup)) as TokenRow | null;
        if (!row || !replace) return;
        const live = () => tokens.liveOf(row.userId, { scope: row.scope, now: 0 });
        const { length } = replacedBy(row, await live(), replace.maxLive);
        await pause();
        for (const { lookup } of replacedBy(row, await live(), 0).slice(0, length))
          await tokens.finish(lookup);
      },
      async lease(lookup, until, now) {
        const row = await tokens.find(lookup);
        await pause();
        if (!row || row.leasedUntil! > now) return false;
        await tokens.lease(lookup, until, now);
        return true;
      },
      async renew(lookup, until, held) {
        const row = await tokens.find(lookup);
        await pause();
        if (row?.leasedUntil !== held) return false;
        await tokens.renew(lookup, until, held);
        return true;
      },
      async finish(lookup, context) {
        const row = await tokens.find(lookup);
        await pause();
        if (!row || (context?.leasedUntil ?? row.leasedUntil) !== row.leasedUntil) return false;
        await tokens.finish(lookup);
        return true;
      },
    },
    counters: {
      async hit(key, { per, by = 1, now }) {
        const open = windows.get(key);
        const over = !open || open.resetAt <= now;
        const { count, resetAt } = over ? { count: 0, resetAt: now + per } : open;
        await pause();
        const next = { count: Math.max(0, count + by), resetAt };
        if (!over || by > 0) windows.set(key, next);
        return next;
      },
      async removeExpired(now, limit) {
        const over = [...windows].filter(([, { resetAt }]) => resetAt < now).slice(0, limit);
        for (const [key] of over) windows.delete(key);
        return over.length;
      },
    },
    queue: {
      ...queue!,
      async lease(limit, now, until, keyIds) {
        const due = await queue!.lease(limit, now, until, keyIds);
        for (const { id, dueAt } of due) await queue!.retry(id, dueAt);
        await pause();
        for (const { id } of due) await queue!.retry(id, until);
        return due;
      },
    },
    // Shares nothing, and takes nothing back.
    transaction: (work) => work(undefined),
  };
}

async function broken(make: () => Store): Promise<string[]> {
  const names: string[] = [];
  for (const one of storeCases) {
    await one.run(make()).catch(() => names.push(one.name));
  }
  return names;
}

describe("the store suite", () => {
  it("fails a store that reads first and writes afterwards in every race, and in nothing else", async () => {
    const names = await broken(selectThenWrite);
    expect(names).toEqual([
      "of 200 simultaneous callers of finish one is told true",
      "of 200 simultaneous callers of lease one wins",
      "of 200 simultaneous callers of renew one extends the lease",
      "of 200 callers that renew a lease, take it over, or finish under it, one succeeds",
      "of 200 simultaneous calls of put exactly maxLive store",
      "of 200 accounts that are given the same lookup at once one gets it",
      "of 200 simultaneous calls of put at the limit one becomes a successor",
      "200 simultaneous reports that a successor was accepted replace one row",
      "of 200 rows that are issued at once one is left, beside one that was accepted",
      "of 200 simultaneous hits each gets a count of its own",
      "200 entries go to 20 simultaneous workers, each entry to one",
      "a transaction whose work throws leaves everything as it was, and throws the same",
      "of 20 simultaneous transactions one finishes the token",
      "calls beside an open transaction are neither part of it nor lost",
    ]);
  });

  it("registers every case, and for a part that is left out a case that says so", () => {
    const names: string[] = [];
    const test = (name: string) => names.push(name);
    storeSuite({ test }, "a store", () => ({ store: memoryStore() }), { lacks: ["transaction"] });
    const needed = storeCases.filter((one) => one.needs !== "transaction").map((one) => one.name);
    expect(names).toEqual([...needed, "has no transaction, and does not seem to"]);
  });

  it("fails a store that lacks a part and does not say so", async () => {
    const { tokens, counters } = memoryStore();
    const runs = new Map<string, () => Promise<void>>();
    const it = (name: string, body: () => Promise<void>) => runs.set(name, body);
    storeSuite({ it }, "a store", () => ({ store: { tokens, counters } }));
    await expect(runs.get("an entry comes back as it was added, whatever its bytes")!()).rejects.toThrow(
      'The store has no queue. Pass { lacks: ["queue"] }.',
    );
  });

  it("closes every store that it asked for, also after a failure", async () => {
    let closed = 0;
    const bodies: (() => Promise<void>)[] = [];
    const it = (_: string, body: () => Promise<void>) => bodies.push(body);
    storeSuite({ it }, "a store", () => ({ store: selectThenWrite(), close: () => closed++ }));
    await Promise.allSettled(bodies.map((body) => body()));
    expect(closed).toBe(storeCases.length);
  });
});
