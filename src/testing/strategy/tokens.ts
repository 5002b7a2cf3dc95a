/**
 * What a strategy guarantees about tokens: a token is valid for one account until it expires, in exactly one spelling.
 *
 * @module
 */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { StrategyCase } from "./case.js";
import { bad, day, firstSecret, good, minute, otherSecret, second, start, type Bench } from "./samples.js";

export const tokenCases: readonly StrategyCase[] = [
  {
    name: "a token is its account's, until it expires and never after",
    async run({ issue, verify, ada }) {
      const { token, expiresAt } = await issue();
      assert.ok(expiresAt > start, "The token has expired before it was issued.");
      for (const now of [start, start + minute, expiresAt - second]) {
        const claim = await good(verify(token, { now }), `Rejected ${expiresAt - now} ms before it expires.`);
        assert.equal(claim.account.id, ada.id);
        assert.equal(claim.expiresAt, expiresAt);
      }
      for (const later of [0, 1, minute, 365 * day]) {
        await bad(verify(token, { now: expiresAt + later }), `Still valid ${later} ms after it expired.`);
      }
    },
  },
  {
    name: "looking at a token changes nothing",
    async run({ issue, verify }) {
      const { token } = await issue();
      for (let look = 0; look < 3; look++) await good(verify(token), `Rejected at check ${look + 1}.`);
    },
  },
  {
    name: "asking again leaves earlier links good",
    async run({ issue, verify }) {
      const tokens = [];
      for (let mail = 0; mail < 3; mail++) tokens.push((await issue({ now: start + mail * minute })).token);
      for (const token of tokens) await good(verify(token, { now: start + 5 * minute }));
    },
  },
  {
    name: "a token of one account says nothing of another's",
    async run({ issue, verify, ada, grace, account }) {
      const hers = await issue({ account: account(grace) });
      assert.equal((await good(verify(hers.token))).account.id, grace.id);
      ada.password = "changed";
      await good(verify(hers.token));
    },
  },
  {
    name: "a link carries it: unreserved characters and slashes alone",
    async run({ issue }) {
      assert.match((await issue()).token, /^[A-Za-z0-9._~/-]{20,200}$/);
    },
  },
  {
    name: "every change of one character is refused, and every cut, addition and other spelling",
    async run({ issue, verify }) {
      const { token } = await issue();
      for (const other of spellings(token))
        await bad(verify(other), `Also valid as ${JSON.stringify(other)}.`);
      await good(verify(token));
    },
  },
  {
    name: "whatever is no token is refused, and nothing throws",
    async run({ issue, verify }) {
      const { token } = await issue();
      for (const other of oddities(token))
        await bad(verify(other), `Accepted as a token: ${inspect(other).slice(0, 60)}.`);
      await good(verify(token));
    },
  },
  {
    name: "a changed password kills it, even while nothing was cleaned up",
    run: (bench) => diesWith(bench, () => void (bench.ada.password = "$argon2id$v=19$another")),
  },
  {
    name: "a changed address kills it",
    run: (bench) => diesWith(bench, () => void (bench.ada.email = "ada@example.org")),
  },
  {
    name: "a change of anything else in users.stateOf kills it",
    needs: "state",
    run: (bench) => diesWith(bench, () => void (bench.ada.active = false)),
  },
  {
    name: "it is good in its own scope only",
    needs: "scope",
    async run({ issue, verify, ada, account }) {
      const plain = await issue();
      const scoped = await issue({ account: account(ada, "acme") });
      await good(verify(plain.token));
      await good(verify(scoped.token, { scope: "acme" }));
      await bad(verify(plain.token, { scope: "acme" }), "Valid in another scope.");
      await bad(verify(scoped.token), "Valid without a scope.");
    },
  },
  {
    name: "an older secret verifies while it is listed, and another one never",
    needs: "secret",
    async run(bench) {
      const { token } = await bench.issue();
      const on = (...secrets: string[]) => {
        const strategy = bench.on(...secrets);
        const byId = async () => bench.account(bench.ada);
        const finder = { byId, idsOf: async () => [] };
        return strategy.verify({ token, scope: "", now: start }, finder);
      };
      await good(on(otherSecret, firstSecret), "Rejected after the secret was rotated.");
      await bad(on(otherSecret), "Valid under a secret that it wasn't made with.");
    },
  },
];

async function diesWith({ issue, verify }: Bench, change: () => void): Promise<void> {
  const { token } = await issue();
  await good(verify(token));
  change();
  await bad(verify(token), "Still valid after the change.");
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function* spellings(token: string): Generator<string> {
  for (let at = 0; at < token.length; at++) {
    const [before, one, after] = [token.slice(0, at), token.charAt(at), token.slice(at + 1)];
    const value = alphabet.indexOf(one);
    // Neighbors in base64url differ in the lowest bits, which a lenient decoder discards.
    const neighbours = [1, 2, 4, 8, 16, 32].map((bit) => alphabet.charAt((value ^ bit) & 63));
    const others = [...neighbours, one.toUpperCase(), one.toLowerCase(), "!", "=", " ", "%", "\0", "é"];
    for (const other of others) if (other !== one) yield before + other + after;
    yield before + after;
    yield before + one + token.slice(at);
    yield token.slice(0, at);
  }
  for (const more of ["=", "==", "A", "0", "-", "_", ".", "/", " ", "\n", "\0", token]) {
    yield token + more;
    yield more + token;
  }
  yield token.toUpperCase();
  yield token.toLowerCase();
  yield encodeURIComponent(`${token} `);
  yield [...token].reverse().join("");
}

function* oddities(token: string): Generator<unknown> {
  yield* [undefined, null, true, false, 0, -1, 1e308, Number.NaN, 10n, "", [], [token], {}, { token }];
  yield* [{ toString: () => token }, new Uint8Array(8), "\0", "\ud800", "\udfff\ud800", "true", "null", "{}"];
  yield* [
    "../../etc/passwd",
    "' OR 1=1 --",
    "%00",
    "__proto__",
    "constructor",
    "//",
    "-",
    "/-",
    "0-0",
    "1/2-3",
  ];
  for (const length of [1, 16, 34, 43, 64, 512, 10_000, 100_000]) {
    yield "A".repeat(length);
    yield "1".repeat(length);
    yield "\u{1F600}".repeat(length);
    yield String.fromCharCode(...Array.from({ length: Math.min(length, 512) }, (_, i) => (i * 97) & 255));
  }
}
