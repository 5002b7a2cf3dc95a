import { describe, expect, it, vi } from "vitest";
import { cronHandler } from "../../src/http/cron.js";
import { memoryStore } from "../../src/stores/memory.js";
import type { PasswordReset } from "../../src/types.js";
import { keptLog, makeKit } from "../kit.js";
import { plainRequest } from "./drive.js";

const secret = "0123456789abcdef";
const call = (authorization?: string, method = "GET") =>
  new Request("https://example.com/api/cron", { method, headers: authorization ? { authorization } : {} });

describe("cronHandler()", () => {
  it.each([
    [undefined, "is missing"],
    ["short", "has 5 characters"],
    [42, "is a number"],
    [[secret, ""], "has 0 characters"],
    ["x".repeat(1_025), "has 1025 characters"],
    [`${secret}\n`, "has a line break"],
    [`${secret} `, "a space at its end"],
    ["Schlüssel-0123456789", "a character outside ASCII"],
    [[], "is an empty array"],
  ])("refuses %j as its secret, with the fix", (given, words) => {
    expect(() => cronHandler(makeKit().reset, { secret: given as string })).toThrow(words);
  });

  it.each([
    [{ secrets: secret }, 'cronHandler() has no option "secrets". Did you mean "secret"?'],
    [{ secret, timeLimit: "soon" }, 'timeLimit is "soon", which isn\'t a duration.'],
  ])("refuses the options %j, with the fix", (options, words) => {
    expect(() => cronHandler(makeKit().reset, options as never)).toThrow(words);
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

  it.each(["x".repeat(16), "x".repeat(1_024), "four words and spaces"])(
    "accepts the secret that it let pass at construction: %j",
    async (long) => {
      const handler = cronHandler(makeKit().reset, { secret: long });
      expect((await handler(call(`Bearer ${long}`))).status).toBe(200);
    },
  );

  it("logs what fails after its time was over", async () => {
    let fail!: (error: Error) => void;
    const log = keptLog();
    const { reset } = scripted({ drain: () => new Promise((_, reject) => (fail = reject)) });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const answered = cronHandler(reset, { secret, timeLimit: "1m", log })(call(`Bearer ${secret}`));
      while (!vi.getTimerCount()) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(60_000);
      expect(await (await answered).json()).toEqual({ status: "OK", complete: false });
    } finally {
      vi.useRealTimers();
    }
    expect(log.lines).toEqual([]);
    fail(new Error("ECONNRESET"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.lines).toEqual([
      "error: Scheduled work failed: Error: ECONNRESET. The next call tries again.",
    ]);
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

/** An engine that does nothing but what the test says, and notes what it was asked to do. */
function scripted({
  drain = () => Promise.resolve(),
}: { drain?: (signal: AbortSignal) => Promise<void> } = {}) {
  const asked: [string, AbortSignal | undefined][] = [];
  const reset: Partial<PasswordReset> = {
    async drain({ signal } = {}) {
      asked.push(["drain", signal]);
      await drain(signal!);
      return undefined as never;
    },
    async clearExpired({ signal } = {}) {
      asked.push(["clearExpired", signal]);
      return undefined as never;
    },
  };
  return { asked, reset: reset as PasswordReset };
}

describe("the response of cronHandler()", () => {
  it.each([
    [200, "GET", `Bearer ${secret}`, { status: "OK", complete: true }, {}],
    [
      401,
      "GET",
      "Bearer x",
      { detail: "The scheduler's secret is missing or wrong." },
      { "www-authenticate": "Bearer" },
    ],
    [405, "PUT", `Bearer ${secret}`, { detail: "Use GET or POST." }, { allow: "GET, POST" }],
  ])("with %i is JSON that no cache keeps", async (status, method, authorization, body, headers) => {
    const answer = await cronHandler(scripted().reset, { secret }).plain(
      plainRequest({ method, path: "/cron", headers: { authorization } }),
    );
    expect({ ...answer, body: JSON.parse(answer!.body) }).toEqual({
      status,
      headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
      body,
    });
  });

  it("with 503 says that nothing was lost", async () => {
    const { reset } = scripted({ drain: () => Promise.reject(new Error("ECONNREFUSED")) });
    const response = await cronHandler(reset, { secret, log: keptLog() })(call(`Bearer ${secret}`));
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ detail: "Temporarily unavailable. Nothing was lost." });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });
});

describe("the header Authorization of a scheduler", () => {
  const long = "s".repeat(1_024);

  it.each([
    ["in any case of its scheme", 200, secret, `BEARER ${secret}`],
    ["with several spaces after its scheme", 200, secret, `Bearer   ${secret}`],
    ["with a secret of 1,024 characters", 200, long, `Bearer ${long}`],
    ["with a secret that only begins like the right one", 401, long, `Bearer ${long}s`],
    ["with something before its scheme", 401, secret, `Basic Bearer ${secret}`],
    ["without a space", 401, secret, `Bearer${secret}`],
    ["with the secret in another case", 401, "S".repeat(16), `Bearer ${"s".repeat(16)}`],
  ])("%s gets a %i", async (_, status, right, authorization) => {
    const { asked, reset } = scripted();
    const response = await cronHandler(reset, { secret: right })(call(authorization));
    expect(response.status).toBe(status);
    expect(asked.map(([name]) => name)).toEqual(status === 200 ? ["drain", "clearExpired"] : []);
  });
});

describe("the time limit of cronHandler()", () => {
  async function withFakeTimers(run: () => Promise<void>) {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await run();
    } finally {
      vi.useRealTimers();
    }
  }

  it("leaves no timer behind once the work is done, and gives all of it one signal", () =>
    withFakeTimers(async () => {
      const { asked, reset } = scripted();
      await cronHandler(reset, { secret })(call(`Bearer ${secret}`));
      expect(vi.getTimerCount()).toBe(0);
      const [first, second] = asked;
      expect([first![0], second![0]]).toEqual(["drain", "clearExpired"]);
      expect(first![1]).toBeInstanceOf(AbortSignal);
      expect(second![1]).toBe(first![1]);
      expect(first![1]!.aborted).toBe(false);
    }));

  it("leaves no timer behind after a failure either", () =>
    withFakeTimers(async () => {
      const { reset } = scripted({ drain: () => Promise.reject(new Error("ECONNREFUSED")) });
      await cronHandler(reset, { secret, log: keptLog() })(call(`Bearer ${secret}`));
      expect(vi.getTimerCount()).toBe(0);
    }));

  it.each([
    [25_000, {}],
    [60_000, { timeLimit: "1m" as const }],
  ])("ends the work after %i ms with the options %j, and nothing is removed then", (ms, options) =>
    withFakeTimers(async () => {
      let begun = () => {};
      const hasBegun = new Promise<void>((resolve) => (begun = resolve));
      let ended = Promise.resolve();
      const { asked, reset } = scripted({
        drain(signal) {
          ended = new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
          begun();
          return ended;
        },
      });
      const answered = cronHandler(reset, { secret, ...options })(call(`Bearer ${secret}`));
      await hasBegun;
      vi.advanceTimersByTime(ms - 1);
      expect(asked[0]![1]!.aborted).toBe(false);
      vi.advanceTimersByTime(1);
      const response = await answered;
      expect(await response.json()).toEqual({ status: "OK", complete: false });
      await ended;
      await new Promise((resolve) => setImmediate(resolve));
      expect(asked.map(([name]) => name)).toEqual(["drain"]);
    }),
  );
});
