import { describe, expect, it, vi } from "vitest";
import { cronHandler } from "../../src/http/cron.js";
import { memoryStore } from "../../src/stores/memory.js";
import { keptLog, makeKit } from "../kit.js";

const secret = "0123456789abcdef";
const call = (authorization?: string, method = "GET") =>
  new Request("https://example.com/api/cron", { method, headers: authorization ? { authorization } : {} });

describe("cronHandler()", () => {
  it.each([
    [undefined, "is missing"],
    ["short", "has 5 characters"],
    [42, "is a number"],
    [[secret, ""], "has 0 characters"],
    [[], "is an empty array"],
  ])("refuses %j as its secret, with the fix", (given, words) => {
    expect(() => cronHandler(makeKit().reset, { secret: given as string })).toThrow(words);
  });

  it("sends what is queued for the right secret, and for no other", async () => {
    const kit = makeKit({ worker: "outside" });
    const handler = cronHandler(kit.reset, { secret: ["an older secret 123", secret] });
    await kit.reset.request({ identifier: "ada@example.com" });
    for (const wrong of [
      undefined,
      "",
      secret,
      "Bearer",
      "Bearer ",
      `Bearer ${secret}x`,
      `Basic ${secret}`,
      "Bearer undefined",
    ]) {
      const { status, headers } = await handler(call(wrong));
      expect([wrong, status, headers.get("www-authenticate")]).toEqual([wrong, 401, "Bearer"]);
    }
    expect(kit.mails).toEqual([]);
    const response = await handler(call(`Bearer ${secret}`));
    expect([response.status, await response.json()]).toEqual([200, { status: "OK", complete: true }]);
    expect(kit.mails).toHaveLength(1);
    expect((await handler(call("bearer an older secret 123", "POST"))).status).toBe(200);
    expect((await handler(call(`Bearer ${secret}`, "PUT"))).headers.get("allow")).toBe("GET, POST");
  });

  it("retries what failed before, and removes what has expired", async () => {
    let isDown = true;
    const store = memoryStore();
    const kit = makeKit({ store, deliver: () => (isDown ? Promise.reject(new Error("421")) : undefined) });
    const handler = cronHandler(kit.reset, { secret });
    const run = async () => (await handler(call(`Bearer ${secret}`))).json();
    const delivered: string[] = [];
    kit.reset.on("delivered", ({ kind }) => void delivered.push(kind));
    await kit.reset.request({ identifier: "ada@example.com" });
    await run();
    expect(delivered).toEqual([]);
    isDown = false;
    kit.clock.now += 60_000;
    await run();
    expect(delivered).toEqual(["reset"]);
    kit.clock.now += 3 * 86_400_000;
    await run();
    expect(await store.tokens.list({ limit: 9 })).toEqual([]);
  });

  it("answers when its time is over, and takes nothing more off the queue", async () => {
    const deliveries: (() => void)[] = [];
    const store = memoryStore();
    const kit = makeKit({ store, deliver: () => new Promise<void>((resolve) => deliveries.push(resolve)) });
    await kit.reset.request({ identifier: "ada@example.com" });
    const turns = async (isOver: () => boolean) => {
      while (!isOver()) await new Promise((resolve) => setImmediate(resolve));
    };
    // The time runs out when the test says so, and not while a busy machine still begins the delivery.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const answered = cronHandler(kit.reset, { secret, timeLimit: "1m" })(call(`Bearer ${secret}`));
      await turns(() => deliveries.length === 1);
      vi.advanceTimersByTime(60_000);
      const response = await answered;
      expect([response.status, await response.json()]).toEqual([200, { status: "OK", complete: false }]);
    } finally {
      vi.useRealTimers();
    }
    await kit.reset.request({ identifier: "ada@example.com" });
    deliveries[0]!();
    // The first entry is done, and nobody takes the second one.
    let left = await store.queue!.list({ limit: 9 });
    await turns(() => {
      void store.queue!.list({ limit: 9 }).then((entries) => (left = entries));
      return left.length === 1;
    });
    expect(deliveries).toHaveLength(1);
    expect((await store.queue!.stats(kit.clock.now)).waiting).toBe(1);
  });

  it("says that an outage may pass, and the log has the cause", async () => {
    const store = memoryStore();
    const log = keptLog();
    const lease = () => Promise.reject(new Error("ECONNREFUSED"));
    const kit = makeKit({ store: { ...store, queue: { ...store.queue!, lease } } });
    const response = await cronHandler(kit.reset, { secret, log })(call(`Bearer ${secret}`));
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "60"]);
    expect(log.lines).toEqual([
      "error: Scheduled work failed: Error: ECONNREFUSED. The next call tries again.",
    ]);
  });
});
