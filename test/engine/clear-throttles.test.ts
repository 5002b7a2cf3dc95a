import { describe, expect, it } from "vitest";
// Named here so that it's loaded before the first test: the engine loads it when it's first needed.
import "../../src/engine/clear-throttles.js";
import { memoryStore } from "../../src/stores/memory.js";
import { randomNumber } from "../../src/tokens/generators.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { ResetContext } from "../../src/types.js";
import { makeKit } from "../kit.js";

const email = "ada@example.com";

describe("clearThrottles", () => {
  it("lets one client in again, and no other", async () => {
    const { reset } = makeKit({ throttles: { request: [{ by: "ip", max: 1, per: "24h" }] } });
    const isIn = (context: ResetContext) =>
      reset.request({ identifier: email }, context).then(
        () => true,
        () => false,
      );
    const clients = [{ ip: "192.0.2.1" }, { ip: "192.0.2.2" }];
    const all = async () => [await isIn(clients[0]!), await isIn(clients[1]!)];
    expect(await all()).toEqual([true, true]);
    expect(await all()).toEqual([false, false]);
    expect(await reset.clearThrottles({ ip: "192.0.2.1" })).toEqual({ cleared: 1 });
    expect(await all()).toEqual([true, false]);
  });

  it("lets all clients in again, and gives nobody more guesses at a code", async () => {
    const tokens = storedTokens({ generator: randomNumber() });
    const kit = makeKit({ tokens, throttles: { validate: [{ by: "ip", max: 5, per: "1h" }] } });
    const { code } = await kit.ask(email);
    const validate = (token: string) => kit.reset.validate({ token, identifier: email }, { ip: "192.0.2.1" });
    for (let n = 0; n < 5; n++) await validate(code === "11111111" ? "22222222" : "11111111");
    await expect(validate(code!)).rejects.toMatchObject({ code: "throttled" });
    expect(await kit.reset.clearThrottles()).toEqual({ cleared: 1 });
    expect(await validate(code!)).toBe(false);
    // Control: a new code has guesses of its own.
    kit.clock.now += 600_000;
    expect(await validate((await kit.ask(email)).code!)).toBe(true);
  });
});

describe("the counters of one client", () => {
  /** An engine with these limits on requests, and what it takes to use them up. */
  function limited(rules: readonly object[], more: object = {}) {
    const kit = makeKit({ throttles: { request: rules }, ...more } as never);
    const isIn = (identifier: string, context: ResetContext = {}) =>
      kit.reset.request({ identifier }, context).then(
        () => true,
        () => false,
      );
    return { kit, isIn };
  }
  const byIdentifier = { by: ({ identifier }: { identifier?: string }) => identifier, max: 1, per: "24h" };

  it("are found by an identifier, in whatever letters, and not those by IP address", async () => {
    const { kit, isIn } = limited([{ by: "ip", max: 1, per: "24h" }, byIdentifier]);
    expect(await isIn("Ada@example.com", { ip: "192.0.2.1" })).toBe(true);
    expect(await isIn("ada@example.com", { ip: "192.0.2.2" })).toBe(false);
    expect(await kit.reset.clearThrottles({ identifier: "ADA@example.com" })).toEqual({ cleared: 1 });
    expect(await isIn("ada@example.com", { ip: "192.0.2.3" })).toBe(true);
    expect(await isIn("grace@example.com", { ip: "192.0.2.1" })).toBe(false);
    // There's nothing to warn of: nobody's address was asked for.
    expect(kit.log.lines).toEqual([]);
  });

  it("are found by both, where a limit is on both", async () => {
    const by = ({ ip, identifier }: { ip?: string; identifier?: string }) => ip && `${ip} ${identifier}`;
    const { kit, isIn } = limited([{ by, max: 1, per: "24h" }]);
    expect(await isIn(email, { ip: "192.0.2.1" })).toBe(true);
    expect(await kit.reset.clearThrottles({ ip: "192.0.2.1" })).toEqual({ cleared: 0 });
    expect(await kit.reset.clearThrottles({ identifier: email })).toEqual({ cleared: 0 });
    expect(await isIn(email, { ip: "192.0.2.1" })).toBe(false);
    expect(await kit.reset.clearThrottles({ ip: "192.0.2.1", identifier: email })).toEqual({ cleared: 1 });
    expect(await isIn(email, { ip: "192.0.2.1" })).toBe(true);
  });

  it("are found by what a limit counts, whatever that is", async () => {
    const by = ({ data }: { data?: unknown }) => data as string | undefined;
    const { kit, isIn } = limited([{ by, max: 1, per: "24h" }]);
    expect(await isIn(email, { data: "device 1" })).toBe(true);
    expect(await isIn(email, { data: "device 2" })).toBe(true);
    expect(await kit.reset.clearThrottles({ by: "device 1" })).toEqual({ cleared: 1 });
    expect([await isIn(email, { data: "device 1" }), await isIn(email, { data: "device 2" })]).toEqual([
      true,
      false,
    ]);
  });

  it("are found by the network that a limit by IP address counts", async () => {
    const { kit, isIn } = limited([{ by: "ip", max: 1, per: "24h" }]);
    expect(await isIn(email, { ip: "192.0.2.1" })).toBe(true);
    expect(await kit.reset.clearThrottles({ by: "192.0.2.1" })).toEqual({ cleared: 1 });
    expect(await isIn(email, { ip: "192.0.2.1" })).toBe(true);
  });

  it("count once for each window that was open, and not for those that are over", async () => {
    const { kit, isIn } = limited([{ by: "ip", max: 5, per: "1h" }, byIdentifier]);
    const both = { ip: "192.0.2.1", identifier: email };
    expect(await kit.reset.clearThrottles(both)).toEqual({ cleared: 0 });
    await isIn(email, { ip: "192.0.2.1" });
    expect(await kit.reset.clearThrottles(both)).toEqual({ cleared: 2 });
    expect(await kit.reset.clearThrottles(both)).toEqual({ cleared: 0 });
    await isIn(email, { ip: "192.0.2.1" });
    kit.clock.now += 3_600_000;
    expect(await kit.reset.clearThrottles(both)).toEqual({ cleared: 1 });
  });

  it("stay in their window, which isn't made longer", async () => {
    const store = memoryStore();
    const hits: { per: number; by?: number | undefined; now: number }[] = [];
    const counters = {
      ...store.counters,
      hit: (key: string, how: Parameters<typeof store.counters.hit>[1]) => (
        hits.push(how),
        store.counters.hit(key, how)
      ),
    };
    const { kit, isIn } = limited([byIdentifier], { store: { ...store, counters } });
    await isIn(email);
    hits.length = 0;
    await kit.reset.clearThrottles({ identifier: email });
    const [per, now] = [24 * 3_600_000, kit.clock.now];
    expect(hits).toEqual([
      { per, now, by: 0 },
      { per, now, by: -1 },
    ]);
    // Of a limit by IP address, an IPv4 address has one counter, and none for a wider network.
    const other = limited([{ by: "ip", max: 1, per: "24h" }], { store: { ...store, counters } });
    await other.isIn(email, { ip: "192.0.2.1" });
    hits.length = 0;
    await other.kit.reset.clearThrottles({ ip: "192.0.2.1" });
    expect(hits).toHaveLength(2);
  });
});

describe("the counters of all clients", () => {
  /** Clears a store that has so many counters, and says how often it was asked. */
  async function clearing(count: number) {
    const store = memoryStore();
    for (let n = 0; n < count; n++) await store.counters.hit(`throttle.${n}`, { per: 1_000, now: 1 });
    await store.counters.hit("mailbox.1", { per: 1_000, now: 1 });
    let asked = 0;
    const removeByPrefix: NonNullable<typeof store.counters.removeByPrefix> = (...given) => (
      asked++,
      store.counters.removeByPrefix!(...given)
    );
    const kit = makeKit({ store: { ...store, counters: { ...store.counters, removeByPrefix } } });
    const { cleared } = await kit.reset.clearThrottles();
    expect((await store.counters.hit("mailbox.1", { per: 1_000, now: 2 })).count).toBe(2);
    return { cleared, asked };
  }

  it.each([
    [0, 1],
    [499, 1],
    [500, 2],
    [501, 2],
    [1_000, 3],
  ])("are removed a batch at a time, and no others: %i", async (count, asked) => {
    expect(await clearing(count)).toEqual({ cleared: count, asked });
  });

  it("can't be listed by every store, which is said with the ways that are left", async () => {
    const store = memoryStore();
    const counters = { ...store.counters, removeByPrefix: undefined as never };
    const { reset } = makeKit({ store: { ...store, counters } });
    await expect(reset.clearThrottles()).rejects.toThrow(
      /^The store can't list its counters\. .*`ip`, `identifier`, or `by`, or implement removeByPrefix\.$/,
    );
    expect(await reset.clearThrottles({ ip: "192.0.2.1" })).toEqual({ cleared: 0 });
    expect(await reset.clearThrottles({ identifier: email })).toEqual({ cleared: 0 });
    expect(await reset.clearThrottles({ by: "anyone" })).toEqual({ cleared: 0 });
  });
});
