import Database from "better-sqlite3";
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { memoryStore } from "resetkit/stores/memory";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { runStrategyCase, strategyCases, strategySuite } from "resetkit/testing";
import type { TokenStrategy } from "resetkit/types";
import { djangoTokens } from "resetkit/tokens/django";
import { signedTokens } from "resetkit/tokens/signed";
import { storedTokens } from "resetkit/tokens/stored";

const runner = { describe, it };
const uuid = (number: number) => `0190b5f0-7b1a-7c3e-8f00-${String(number).padStart(12, "0")}`;
const secretKey = "a secret key of a Django site: 0123456789abcdef";

strategySuite(runner, "stored tokens", () => ({ strategy: storedTokens(), ...memoryStore() }));
strategySuite(runner, "stored tokens on SQLite", async () => {
  const db = new Database(":memory:");
  await migrate(betterSqlite3(db));
  return { strategy: storedTokens(), ...sqlStore(betterSqlite3(db)), close: () => db.close() };
});
for (const ids of ["integer", "uuid", "text"] as const) {
  const idOf = { integer: (n: number) => n, uuid, text: (n: number) => `user-${n}` }[ids];
  strategySuite(runner, `signed tokens with ids of the kind ${ids}`, () => ({
    strategy: signedTokens({ ids }),
    counters: memoryStore().counters,
    idOf,
  }));
  strategySuite(
    runner,
    `Django's tokens with ids of the kind ${ids}`,
    () => ({ strategy: djangoTokens({ secretKey, ids }), counters: memoryStore().counters, idOf }),
    { lacks: ["state", "scope", "secret"] },
  );
}

/** A token as people write it by hand: an id, a time and a MAC over both, joined and read with what is at hand. */
const byHand: TokenStrategy = {
  kind: "by hand",
  connect() {
    const mac = (text: string) => createHmac("sha256", "secret").update(text).digest();
    return {
      async issue({ account, now, lifetime }) {
        const expiresAt = now + lifetime;
        const token = `${account.id}-${expiresAt}-${mac(`${account.id}${expiresAt}`).toString("base64url")}`;
        return { token, expiresAt, settle: async () => undefined };
      },
      async verify({ token, scope, now }, accounts) {
        const [id, expiry, given] = token.split(/-(.*?)-/s) as [string, string, string];
        const account = await accounts.byId(Number(id), scope);
        if (!account || Number(expiry) <= now) return null;
        if (!mac(`${id}${expiry}`).equals(Buffer.from(given, "base64url"))) return null;
        return {
          account,
          expiresAt: Number(expiry),
          spend: async () => true,
          finish: async () => true,
          renew: async () => true,
          settle: async () => undefined,
          release: async () => undefined,
        };
      },
      revoke: async () => undefined,
      forget: async () => undefined,
    };
  },
};

describe("the strategy suite", () => {
  it("finds what is wrong with a token that is made by hand", async () => {
    const kept: string[] = [];
    for (const one of strategyCases) {
      const subject = { strategy: byHand, counters: memoryStore().counters };
      const isKept = await runStrategyCase(one, subject).then(
        () => true,
        () => false,
      );
      if (isKept) kept.push(one.name);
    }
    expect(kept).toEqual([
      "a token is its account's, until it expires and never after",
      "looking at a token changes nothing",
      "asking again leaves earlier links good",
      "a token of one account says nothing of another's",
      "a link carries it: unreserved characters and slashes alone",
      "a mail that was not accepted does not count",
      "an invitation lives as long as it was asked to, or as long as the strategy says it does",
      "a decoy gets a token every time, which is never valid, and nothing of it is stored",
    ]);
  });

  it("registers every case but those that the strategy cannot keep", () => {
    const names: string[] = [];
    const test = (name: string) => names.push(name);
    const make = () => ({ strategy: storedTokens(), ...memoryStore() });
    strategySuite({ test }, "tokens", make, { lacks: ["scope"] });
    expect(names).toEqual(strategyCases.filter((one) => one.needs !== "scope").map((one) => one.name));
    expect(() => strategySuite({}, "tokens", make)).toThrow("Pass { describe, it }");
  });
});
