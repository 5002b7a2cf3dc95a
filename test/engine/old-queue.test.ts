import { expect, it } from "vitest";
import type { RequestQueue } from "../../src/types.js";
import { memoryStore } from "../../src/stores/memory.js";
import { makeKit } from "../kit.js";

it("a queue of another version, without stats and list, is emptied all the same", async () => {
  const store = memoryStore();
  const { stats: _stats, list: _list, ...queue } = store.queue!;
  const kit = makeKit({ store: { ...store, queue: queue as RequestQueue } });
  expect((await kit.ask("ada@example.com")).kind).toBe("reset");
  expect(await store.queue!.list({ limit: 9 })).toEqual([]);
});
