import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
import { signedTokens } from "resetkit/tokens/signed";
import type { Account, StateValue } from "resetkit/types";
import { accountOf, connect, day, issue, look, secrets, start } from "./bench.js";

describe("a signed token", () => {
  it("has at most 72 characters in a link, for every 64-bit id (10,000 of them)", async () => {
    const keys = createKeyring(secrets[0]);
    const signed = connect(signedTokens({ ids: "integer" }), { keys });
    const ids = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), fc.maxSafeInteger());
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        const account = accountOf(id);
        const order = { account, now: start, lifetime: day, request: {}, force: true };
        const issued = await signed.issue(order);
        if (issued === "over_cap") throw new Error("over the cap");
        expect(`https://example.com/reset/${issued.token}`.length).toBeLessThanOrEqual(72);
        const { asked, claim } = await look(signed, issued.token, account);
        const small = BigInt(id) === BigInt(Number(id)) && Number.isSafeInteger(Number(id));
        expect(asked).toEqual([small ? Number(id) : id]);
        // A small bigint comes back as a number: an application that wants bigints converts them in findById.
        expect(claim !== null).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  const state = fc.array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.bigInt(),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }),
      fc.uint8Array({ maxLength: 16 }),
    ) as fc.Arbitrary<StateValue>,
    { minLength: 1, maxLength: 5 },
  );
  const id = fc.oneof(fc.maxSafeInteger(), fc.uuid(), fc.string({ minLength: 1, maxLength: 16 }));
  const account: fc.Arbitrary<Account> = fc.record({
    user: fc.constant({}),
    id,
    scope: fc.string(),
    state,
    address: fc.emailAddress(),
  });
  const asText = (value: unknown) =>
    JSON.stringify(value, (_, part) =>
      part instanceof Uint8Array
        ? [...part]
        : typeof part === "bigint"
          ? `${part}n`
          : Object.is(part, -0)
            ? 0
            : part,
    );

  it("what was issued is verified; what is bound and differs is refused (3,000 pairs of accounts)", async () => {
    const signed = connect(signedTokens(), { maxLive: Number.POSITIVE_INFINITY });
    await fc.assert(
      fc.asyncProperty(
        account,
        account,
        fc.constantFrom("state", "scope", "address", "id"),
        async (a, b, field) => {
          const { token } = await issue(signed, a);
          expect((await look(signed, token, a)).claim?.account).toBe(a);
          const other = { ...a, [field]: b[field] };
          fc.pre(asText(other) !== asText(a));
          expect((await look(signed, token, other)).claim).toBe(null);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("every edit of a token is refused (3,000 edits), and nothing that is sent throws (3,000 texts)", async () => {
    const signed = connect(signedTokens({ ids: "text" }), { maxLive: Number.POSITIVE_INFINITY });
    const character = fc.oneof(
      fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(
        account,
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.string({ unit: character, maxLength: 3 }),
        async (a, where, gone, by) => {
          const { token } = await issue(signed, a);
          const at = where % (token.length + 1);
          const edited = token.slice(0, at) + by + token.slice(at + gone);
          fc.pre(edited !== token);
          expect((await look(signed, edited, a)).claim).toBe(null);
        },
      ),
      { numRuns: 3_000 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.anything()),
        async (sent: any) => {
          expect((await look(signed, sent, accountOf("ada"))).claim).toBe(null);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("once over, a token is over for good (1,000 lives)", async () => {
    const signed = connect(signedTokens(), { maxLive: Number.POSITIVE_INFINITY });
    const steps = fc.array(fc.nat({ max: day }), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(account, fc.integer({ min: 1, max: day }), steps, async (a, lifetime, steps) => {
        const { token } = await issue(signed, a, { lifetime });
        let now = start;
        let over = false;
        for (const step of steps) {
          const isGood = (await look(signed, token, a, { now })).claim !== null;
          expect(isGood && over).toBe(false);
          over ||= !isGood;
          now += step;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
