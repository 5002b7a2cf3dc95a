import { describe, expect, it } from "vitest";
import { memoryStore } from "resetkit/stores/memory";
import { djangoTokens } from "resetkit/tokens/django";
import { signedTokens } from "resetkit/tokens/signed";
import type { CounterStore } from "resetkit/types";
import { accountOf, connect, day, issue, look, start } from "./bench.js";

const secretKey = "a secret key of a Django site: 0123456789abcdef";

/** Counters that keep what they were asked. */
function keptCounters() {
  const { counters } = memoryStore();
  const hits: { key: string; per: number; by: number | undefined }[] = [];
  const hit: CounterStore["hit"] = (key, window) => {
    hits.push({ key, per: window.per, by: window.by });
    return counters.hit(key, window);
  };
  return { counters: { ...counters, hit }, hits };
}

describe("the counters of mails", () => {
  it("are named by a keyed hash, so that a table of them says nothing of anybody", async () => {
    const { counters, hits } = keptCounters();
    await issue(connect(signedTokens(), { counters }), accountOf("ada"));
    const names = [...new Set(hits.map(({ key }) => key))];
    expect(names.map((name) => name.replace(/^[A-Za-z0-9_-]{22}(?=\.)/, "…"))).toEqual([
      "….pending",
      "….accepted",
      "….recent",
    ]);
    expect(new Set(hits.map(({ per }) => per))).toEqual(new Set([300_000, day, 3_600_000]));
  });

  it("are an account's in its scope, and of one kind of token", async () => {
    const { counters, hits } = keptCounters();
    const signed = connect(signedTokens(), { counters });
    await issue(signed, accountOf("ada"));
    await issue(signed, accountOf("grace"));
    await issue(signed, accountOf("ada", { scope: "acme" }));
    await issue(connect(djangoTokens({ secretKey, ids: "text" }), { counters }), accountOf("ada"));
    expect(new Set(hits.map(({ key }) => key.split(".")[0])).size).toBe(4);
  });

  it("of stand-ins have 256 names and last a millisecond: strangers cannot make the table grow", async () => {
    const { counters, hits } = keptCounters();
    const signed = connect(signedTokens(), { counters });
    for (let number = 0; number < 500; number++) {
      const id = Uint8Array.from([number & 255, number >> 8]);
      await issue(signed, accountOf(id, { decoy: true }), { now: start + number * 10, lifetime: 1 });
    }
    const names = new Set(hits.map(({ key }) => key));
    for (const name of names) expect(name).toMatch(/^decoy\.\d{1,3}\.(pending|accepted|recent)$/);
    expect(names.size).toBeGreaterThan(3 * 100);
    expect(new Set(hits.map(({ per }) => per))).toEqual(new Set([1]));
    const real = keptCounters();
    await issue(connect(signedTokens(), { counters: real.counters }), accountOf("ada"));
    expect(hits).toHaveLength(500 * real.hits.length);
  });
});

describe("the counter of a spent token", () => {
  it("is named by a keyed hash of the token, and lasts as long as the lease", async () => {
    const { counters, hits } = keptCounters();
    const signed = connect(signedTokens(), { counters });
    const { token } = await issue(signed, accountOf("ada"));
    hits.length = 0;
    const { claim } = await look(signed, token, accountOf("ada"));
    await claim!.release();
    expect(hits).toEqual([]);
    expect(await claim!.spend(start + 60_000, start)).toBe(true);
    await claim!.release();
    const [spent, released] = hits;
    expect(spent!.key).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(token).not.toContain(spent!.key.slice(0, 8));
    expect(spent!.per).toBe(60_000);
    expect(released).toEqual({ ...spent, by: -1_000_000 });
  });

  it("is another one for every token and kind", async () => {
    const { counters, hits } = keptCounters();
    const signed = connect(signedTokens(), { counters });
    const django = connect(djangoTokens({ secretKey, ids: "text" }), { counters });
    for (const [kind, id] of [
      [signed, "ada"],
      [signed, "grace"],
      [django, "ada"],
    ] as const) {
      const { token } = await issue(kind, accountOf(id));
      const { claim } = await look(kind, token, accountOf(id));
      hits.length = 0;
      expect(await claim!.spend(start + 1, start)).toBe(true);
      expect(hits).toHaveLength(1);
    }
  });
});
