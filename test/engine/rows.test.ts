/** How all rows of a store are read, a page at a time. */
import { describe, expect, it } from "vitest";
import { allEntries, allTokens, entryOf, firstOf } from "../../src/engine/rows.js";
import { memoryStore } from "../../src/stores/memory.js";

interface Asked {
  readonly after?: unknown;
  readonly limit: number;
}

/** A store with so many entries and tokens, and what it was asked for. */
async function filled(count: number) {
  const store = memoryStore();
  const asked: Asked[] = [];
  const names = Array.from({ length: count }, (_, n) => String(n).padStart(16, "0"));
  for (const id of names) {
    const times = { createdAt: 1, expiresAt: 2, leasedUntil: 0 };
    const row = { lookup: Buffer.from(id), proof: Buffer.from(id), userId: id, scope: "", ...times };
    await store.tokens.put(
      { ...row, delivery: "pending" },
      { now: 1, maxLive: 3, pendingFor: 1, quietFor: 1 },
    );
    await store.queue!.add({ id, sealed: Buffer.from(id), addedAt: 1, dueAt: 1, kind: "request" });
  }
  const queue = {
    ...store.queue!,
    list: (page: Asked) => (asked.push(page), store.queue!.list(page as never)),
  };
  const tokens = {
    ...store.tokens,
    list: (page: Asked) => (asked.push(page), store.tokens.list(page as never)),
  };
  return { names, asked, queue, store: { ...store, tokens } };
}

describe("all rows", () => {
  it.each([
    [0, 1],
    [499, 1],
    [500, 2],
    [501, 2],
    [1_001, 3],
  ])("of a queue with %i are read in %i pages, each once and in order", async (count, pages) => {
    const { names, asked, queue } = await filled(count);
    const ids = [];
    for await (const { id } of allEntries(queue)) ids.push(id);
    expect(ids).toEqual(names);
    expect(asked).toHaveLength(pages);
    expect(asked.slice(0, 2)).toEqual([{ limit: 500 }, { after: names[499], limit: 500 }].slice(0, pages));
  });

  it("of the tokens are, too, after the lookup of the last one", async () => {
    const { names, asked, store } = await filled(501);
    const ids = [];
    for await (const { userId } of allTokens(store)) ids.push(userId);
    expect(ids).toEqual(names);
    expect(asked.map(({ after }) => after)).toEqual([undefined, Buffer.from(names[499]!)]);
  });
});

describe("the first rows", () => {
  it("are as many as asked for, and no more is read", async () => {
    const { names, asked, queue } = await filled(1_001);
    const read = await firstOf(allEntries(queue), 500);
    expect(read.map(({ id }) => id)).toEqual(names.slice(0, 500));
    expect(asked).toHaveLength(1);
  });

  it("are all if there are fewer", async () => {
    const { names, queue } = await filled(3);
    expect((await firstOf(allEntries(queue), 5)).map(({ id }) => id)).toEqual(names);
  });
});

describe("one entry", () => {
  it("is found by its id, or isn't there", async () => {
    const { names, queue } = await filled(3);
    expect(await entryOf(queue, names[1]!)).toMatchObject({ id: names[1], kind: "request" });
    expect(await entryOf(queue, "0")).toBe(undefined);
  });
});
