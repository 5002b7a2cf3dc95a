import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { base64url } from "../../../src/crypto/encoding.js";
import { memoryStore } from "resetkit/stores/memory";
import { djangoTokens } from "resetkit/tokens/django";
import { signedTokens } from "resetkit/tokens/signed";
import type { CounterStore } from "resetkit/types";
import { accountOf, connect, day, issue, look, macOf, secrets, start } from "../bench.js";

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
    const { address, state } = accountOf("ada");
    const mac = macOf(secrets[0], "signed/mails", ["s:ada", "", address, ...state]);
    expect(names[0]).toBe(`${base64url(mac.subarray(0, 16))}.pending`);
    expect(hits.map(({ key, per, by }) => [key.split(".")[1], per, by])).toEqual([
      ["pending", 300_000, 1],
      ["accepted", day, 0],
      ["recent", 3_600_000, 0],
      ["accepted", day, 1],
      ["recent", 3_600_000, 1],
      ["pending", 300_000, -1],
    ]);
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

describe("the mail rule", () => {
  const signed = (maxLive = 3) => connect(signedTokens(), { maxLive });
  const ask = (tokens: ReturnType<typeof signed>, now: number, force?: boolean) =>
    tokens.issue({ account: accountOf("ada"), now, lifetime: day, request: {}, force });

  it("gives maxLive mails, then one an hour, and begins anew when the window is over", async () => {
    const tokens = signed(2);
    const sent: number[] = [];
    for (let minutes = 0; minutes < 26 * 60; minutes += 10) {
      const issued = await ask(tokens, start + minutes * 60_000);
      if (issued === "over_cap") continue;
      await issued.settle(true);
      sent.push(minutes);
    }
    const hourly = Array.from({ length: 23 }, (_, hour) => 60 + hour * 60);
    expect(sent).toEqual([0, 10, ...hourly, 1440, 1450, 1500]);
  });

  it("counts mails under way for five minutes, and those that failed not at all", async () => {
    const tokens = signed(2);
    for (let n = 0; n < 2; n++) expect(await ask(tokens, start)).not.toBe("over_cap");
    expect(await ask(tokens, start + 299_999)).toBe("over_cap");
    const third = await ask(tokens, start + 300_000);
    if (third === "over_cap") throw new Error("over the cap");
    for (let n = 0; n < 5; n++) {
      const issued = await ask(tokens, start + 300_000);
      if (issued === "over_cap") throw new Error("over the cap");
      await issued.settle(false);
    }
  });

  it("lets one of many who ask at the cap have the hour's mail", async () => {
    const tokens = signed(1);
    await issue(tokens, accountOf("ada"));
    const later = start + 3_600_000;
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(tokens, later)));
    expect(answers.filter((answer) => answer !== "over_cap").length).toBeLessThanOrEqual(1);
    expect(await ask(signed(1), later)).not.toBe("over_cap");
  });

  it("does not hold for what the application issues, which takes no place of a request", async () => {
    const tokens = signed(1);
    for (let n = 0; n < 3; n++) {
      const issued = await ask(tokens, start, true);
      if (issued === "over_cap") throw new Error("over the cap");
      await issued.settle(true);
    }
    expect(await ask(tokens, start)).not.toBe("over_cap");
    expect(await ask(tokens, start)).toBe("over_cap");
    expect(await ask(tokens, start, true)).not.toBe("over_cap");
  });
});

describe("the counter of a spent token", () => {
  it("is named by a hash of the token, the same under every secret, and lasts as long as the lease", async () => {
    const { counters, hits } = keptCounters();
    const signed = connect(signedTokens(), { counters });
    const { token } = await issue(signed, accountOf("ada"));
    hits.length = 0;
    const { claim } = await look(signed, token, accountOf("ada"));
    await claim!.release();
    expect(hits).toEqual([]);
    expect(await claim!.spend(start + 60_000, start)).toBe(true);
    await claim!.release();
    const [used, spent, released] = hits;
    expect(used).toMatchObject({ by: 0, per: day });
    expect(spent!.key).toBe(hashName(`signed/spent ${token}`));
    expect(token).not.toContain(spent!.key.slice(0, 8));
    expect(spent!.per).toBe(60_000);
    expect(released).toEqual({ ...spent, by: -1_000_000 });
  });

  it("is another one for every token and kind", async () => {
    const { counters, hits } = keptCounters();
    const signed = connect(signedTokens(), { counters });
    const django = connect(djangoTokens({ secretKey, ids: "text" }), { counters });
    const keys: string[] = [];
    for (const [kind, id] of [
      [signed, "ada"],
      [signed, "grace"],
      [django, "ada"],
    ] as const) {
      const { token } = await issue(kind, accountOf(id));
      const { claim } = await look(kind, token, accountOf(id));
      hits.length = 0;
      expect(await claim!.spend(start + 1, start)).toBe(true);
      expect(hits).toHaveLength(2);
      keys.push(...hits.map(({ key }) => key));
    }
    expect(new Set(keys).size).toBe(6);
  });

  it("refuses a used token for the rest of its life, though the state did not move", async () => {
    const signed = connect(signedTokens(), keptCounters());
    const ada = accountOf("ada");
    const { token } = await issue(signed, ada);
    const { claim } = await look(signed, token, ada);
    expect(await claim!.spend(start + 60_000, start)).toBe(true);
    await claim!.settle(start);
    const again = (await look(signed, token, ada)).claim!;
    expect(await again.spend(start + 180_000, start + 120_000)).toBe(false);
    expect(await again.renew(start + 180_000, start + 120_000)).toBe(false);
  });
});

function hashName(text: string): string {
  return createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
}
