import { describe, expect, it } from "vitest";
import { memoryStore } from "resetkit/stores/memory";
import { storeSuite } from "resetkit/testing";

storeSuite({ describe, it }, "memory", async () => ({ store: memoryStore() }));

describe("the memory store", () => {
  it("refuses a call whose transaction has ended, which nothing would commit or roll back", async () => {
    const { transaction, queue, counters } = memoryStore();
    const late: Promise<unknown>[] = [];
    let handle: unknown;
    await transaction!(async (given) => void (handle = given));
    late.push(queue!.done("an entry", { transaction: handle }));
    await transaction!(() => {
      late.push(queue!.done("an entry", { transaction: handle }));
      return Promise.resolve();
    });
    for (const call of late) await expect(call).rejects.toThrow("The transaction of this call has ended.");
    expect((await counters.hit("a", { per: 1_000, now: 0 })).count).toBe(1);
  });

  it("says that nothing outlives the process", () => {
    expect(memoryStore().ephemeral).toBe(true);
  });
});
