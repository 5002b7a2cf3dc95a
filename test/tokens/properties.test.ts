/**
 * What holds for every token of the kinds that keep rows or are Django's, and for codes; `signed-properties.test.ts` says it of
 * signed ones.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryStore } from "resetkit/stores/memory";
import { djangoTokens } from "resetkit/tokens/django";
import { randomNumber, randomString } from "resetkit/tokens/generators";
import { storedTokens } from "resetkit/tokens/stored";
import type { Account, TokenStrategy } from "resetkit/types";
import { accountOf, connect, day, start } from "./bench.js";

const secretKey = "a secret key of a Django site: 0123456789abcdef";

/** One account, and the text that is good for it: a token, or a code and its identifier. */
interface Scene {
  readonly text: string;
  verify(typed: unknown, account?: Account, now?: number): Promise<boolean>;
}

async function setUp(strategy: TokenStrategy, account: Account, lifetime: number): Promise<Scene> {
  const connected = connect(strategy, { tokens: memoryStore().tokens });
  const order = { account, now: start, lifetime, request: {} };
  const issued = await connected.issue(order);
  if (issued === "over_cap") throw new Error("over the cap");
  return {
    text: issued.code ?? issued.token,
    async verify(typed, of = account, now = start) {
      const presented = { token: typed as string, identifier: "ada@example.com", scope: of.scope, now };
      const accounts = { byId: async () => of, idsOf: async () => [of.id] };
      return (await connected.verify(presented, accounts)) !== null;
    },
  };
}

/** What is between them is no part of a code. */
const lettersAndNumbersOf = (typed: string) => typed.replace(/[^\p{L}\p{N}]/gu, "");

const kinds: [name: string, make: () => TokenStrategy, isSame: (a: string, b: string) => boolean][] = [
  ["stored token", () => storedTokens(), (a, b) => a === b],
  ["Django token", () => djangoTokens({ secretKey, ids: "text", timeout: "24h" }), (a, b) => a === b],
  [
    "code of digits",
    () => storedTokens({ generator: randomNumber() }),
    (a, b) => a === lettersAndNumbersOf(b),
  ],
  [
    "code of letters",
    () => storedTokens({ generator: randomString({ length: 8, alphabet: "crockford" }) }),
    (a, b) => {
      const typed = lettersAndNumbersOf(b).normalize("NFKC").toUpperCase();
      return a === typed.replaceAll("O", "0").replace(/[IL]/g, "1");
    },
  ],
];

const account = fc
  .record({ id: fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }), scope: fc.string() })
  .map(({ id, scope }) => accountOf(id, { scope }));

describe.each(kinds)("a %s", (_, make, isSame) => {
  it("is refused after every edit: 1,000 with a change of one to three characters", async () => {
    const piece = fc.string({
      unit: fc.oneof(
        fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_/= "),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      ),
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(account, fc.nat(), fc.nat({ max: 3 }), piece, async (account, where, gone, by) => {
        const { text, verify } = await setUp(make(), account, day);
        const at = where % (text.length + 1);
        const edited = text.slice(0, at) + by + text.slice(at + gone);
        expect(await verify(edited), `${text} as ${edited}`).toBe(isSame(text, edited));
        expect(await verify(text)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is refused in another case, cut anywhere, and twice in a row", async () => {
    const { text, verify } = await setUp(make(), accountOf("ada"), day);
    const others = Array.from(text, (_, end) => text.slice(0, end)).concat(text + text, `${text}=`);
    for (const other of others) {
      // Each is another visitor's: the tries are for one identifier, and there are five.
      const fresh = await setUp(make(), accountOf("ada"), day);
      expect(await fresh.verify(other), other).toBe(false);
    }
    for (const other of [text.toUpperCase(), text.toLowerCase()]) {
      expect(await verify(other), other).toBe(isSame(text, other));
    }
  });

  it("is refused, and nothing is thrown, whatever is sent: 1,000 values", async () => {
    const sent = fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.anything(), fc.uint8Array());
    await fc.assert(
      fc.asyncProperty(sent, async (sent) => {
        const { text, verify } = await setUp(make(), accountOf("ada"), day);
        fc.pre(sent !== text);
        expect(await verify(sent)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is refused once what it is bound to is another: hash and address", async () => {
    for (const changed of [
      { password: "another hash" },
      { email: "eve@example.com" },
      { password: "", email: "" },
    ]) {
      const { text, verify } = await setUp(make(), accountOf("ada"), day);
      const user = { ...(accountOf("ada").user as object), ...changed } as any;
      const other = accountOf("ada", { user, state: [user.password, user.email, true], address: user.email });
      expect(await verify(text, other)).toBe(false);
      expect(await verify(text)).toBe(true);
    }
  });

  it("is over for good once it is over: 300 lives", async () => {
    const steps = fc.array(fc.nat({ max: day / 4 }), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const { text, verify } = await setUp(make(), accountOf("ada"), day);
        let now = start;
        let over = false;
        for (const step of steps) {
          const isGood = await verify(text, undefined, now);
          expect(isGood && over).toBe(false);
          over ||= !isGood;
          now += step;
        }
        expect(await verify(text, undefined, start + 2 * day)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
