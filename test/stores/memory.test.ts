import { describe, expect, it } from "vitest";
import { memoryStore } from "resetkit/stores/memory";
import { storeSuite } from "resetkit/testing";

storeSuite({ describe, it }, "memory", async () => ({ store: memoryStore() }));

describe("the memory store", () => {
  it("says that nothing outlives the process", () => {
    expect(memoryStore().ephemeral).toBe(true);
  });
});
