import { describe, expect, it } from "vitest";
import { throttleCases, throttleSuite } from "resetkit/testing";
import type { Throttle } from "resetkit/types";

interface Fault {
  readonly max?: number;
  readonly per?: number;
  readonly unit?: number;
  readonly isShared?: boolean;
  readonly isSlow?: boolean;
  readonly keeps?: boolean;
  readonly countsUnknown?: boolean;
}

/** Counts in a map, with at most one fault. */
function inMemory(limit: { max: number; per: number }, fault: Fault = {}): Throttle {
  const { max, per } = { ...limit, ...fault };
  const windows = new Map<string, { count: number; endsAt: number }>();
  const keyOf = (ip: string | undefined) =>
    fault.isShared ? "all" : (ip ?? (fault.countsUnknown ? "" : ip));
  return {
    async take({ ip }) {
      const key = keyOf(ip);
      if (key === undefined) return;
      const now = Date.now();
      const open = windows.get(key);
      const window = open && open.endsAt > now ? open : { count: 0, endsAt: now + per };
      const { count } = window;
      if (fault.isSlow) await new Promise((resolve) => setTimeout(resolve, 5));
      windows.set(key, { ...window, count: (fault.isSlow ? count : window.count) + 1 });
      if (count >= max) return { retryAfter: ((window.endsAt - now) / 1_000) * (fault.unit ?? 1) };
    },
    giveBack({ ip }) {
      const window = windows.get(keyOf(ip) ?? "");
      if (window && !fault.keeps) window.count--;
    },
  };
}

throttleSuite({ describe, it }, "a map", (limit) => ({ throttle: inMemory(limit) }));

describe("the suite finds a throttle that", () => {
  it.each<[string, Fault]>([
    ["allows one more", { max: 6 }],
    ["allows one less", { max: 0 }],
    ["says milliseconds", { unit: 1_000 }],
    ["counts all clients as one", { isShared: true }],
    ["reads and writes in two steps", { isSlow: true }],
    ["gives nothing back", { keeps: true }],
    ["never begins anew", { per: 1e9, unit: 1e-9 }],
    ["counts clients that aren't known as one", { countsUnknown: true }],
  ])("%s", async (_, fault) => {
    const outcomes = await Promise.allSettled(
      throttleCases.map((one) => one.run(inMemory(one.limit, fault), one.limit)),
    );
    expect(outcomes.some(({ status }) => status === "rejected")).toBe(true);
  });
});
