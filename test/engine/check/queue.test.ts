/** What the check says about entries that wait in the queue. */
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../src/stores/memory.js";
import type { Store, WorkerMode } from "../../../src/types.js";
import { otherSecret, soundKit } from "./sound.js";

/** An engine whose clock can be put forward, with so many entries in its queue, which no worker takes. */
async function waiting(count: number, store: Store = memoryStore()) {
  const kit = soundKit({ store });
  for (let n = 0; n < count; n++) await kit.reset.request({ identifier: `user${n}@example.com` });
  const later = (milliseconds: number, mode: WorkerMode = "outside") => {
    const other = soundKit({ store, worker: mode });
    other.clock.now = kit.clock.now + milliseconds;
    return other.reset.check();
  };
  return { kit, later };
}

describe("entries that nobody takes", () => {
  it("are found after a minute, and not before", async () => {
    const { later } = await waiting(1);
    expect(await later(60_000)).toEqual([]);
    expect(await later(60_001)).toEqual([
      {
        level: "error",
        what: "1 queued entry waits, the oldest for 1 minute: no worker takes it.",
        fix: "Run a worker: npx resetkit work.",
      },
    ]);
  });

  it("are counted, and so are the minutes", async () => {
    const { later } = await waiting(2);
    const [finding] = await later(125_000);
    expect(finding!.what).toBe("2 queued entries wait, the oldest for 2 minutes: no worker takes them.");
  });

  it.each<WorkerMode>(["inside", "waitUntil"])(
    "are the application's own to take, if its worker is %s",
    async (mode) => {
      const { later } = await waiting(1);
      const [finding] = await later(120_000, mode);
      expect(finding!.fix).toContain(`Start the application, whose worker is "${mode}"`);
      expect(finding!.fix).toContain("npx resetkit work");
    },
  );

  it("aren't found in an empty queue", async () => {
    expect(await (await waiting(0)).later(3_600_000)).toEqual([]);
  });
});

describe("entries of another application", () => {
  it.each([
    [1, /^1 queued entry was encrypted with a secret that this application doesn't have/],
    [2, /^2 queued entries were encrypted with a secret that this application doesn't have/],
  ])("are said to be so, whether or not they wait for long: %i", async (count, what) => {
    const { kit } = await waiting(0);
    const store = memoryStore();
    await waiting(count, store);
    for (const passed of [0, 120_000]) {
      const stranger = soundKit({ store, secret: otherSecret });
      stranger.clock.now = kit.clock.now + passed;
      const findings = await stranger.reset.check();
      expect(findings).toEqual([
        { level: "error", what: expect.stringMatching(what), fix: expect.stringContaining("prefix") },
      ]);
      expect(findings[0]!.fix).toContain("secret: [newOne, oldOne]");
    }
  });
});
