import { describe, expect, it, vi } from "vitest";
import { createLimiter } from "../../src/engine/limiter.js";

const sleep = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

describe("the limiter", () => {
  it("runs as many as it may, in the order in which they came", async () => {
    const limit = createLimiter({ concurrency: 2, waiting: 10 });
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const work = (n: number) =>
      limit(async () => {
        started.push(n);
        most = Math.max(most, ++running);
        await sleep(2);
        running--;
        return n;
      });
    expect(await Promise.all([0, 1, 2, 3, 4, 5].map(work))).toEqual([0, 1, 2, 3, 4, 5]);
    expect([started, most]).toEqual([[0, 1, 2, 3, 4, 5], 2]);
  });

  it("frees the place of work that failed", async () => {
    const limit = createLimiter({ concurrency: 1, waiting: 1 });
    for (let n = 0; n < 3; n++)
      await expect(limit(async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await limit(async () => "yes")).toBe("yes");
  });

  it("sends away whoever finds the waiting room full, at once", async () => {
    const limit = createLimiter({ concurrency: 1, waiting: 1 });
    const all = await Promise.allSettled([1, 2, 3].map(() => limit(() => sleep(5))));
    expect(all.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect((all[2] as PromiseRejectedResult).reason).toMatchObject({ code: "unavailable", retryAfter: 1 });
  });

  it("sends away whoever has waited for twenty seconds, and gives the place in line to the next", async () => {
    vi.useFakeTimers();
    try {
      const limit = createLimiter({ concurrency: 1, waiting: 1 });
      let end!: (value: string) => void;
      const first = limit(() => new Promise<string>((resolve) => (end = resolve)));
      const waits = limit(async () => "too late").catch((error) => error);
      await vi.advanceTimersByTimeAsync(19_999);
      await expect(limit(async () => "in")).rejects.toMatchObject({ code: "unavailable" });
      await vi.advanceTimersByTimeAsync(1);
      expect(await Promise.race([waits, "still waits"])).toMatchObject({
        code: "unavailable",
        retryAfter: 1,
      });
      const next = limit(async () => "in");
      end("done");
      expect(await Promise.all([first, next])).toEqual(["done", "in"]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
