import assert from "node:assert/strict";
import { foldIdentifier, isAddress } from "../../identity/identifier.js";
import { addressesOf, assertSame, findAll, findIt, identifiersOf, stateNow, stateOf } from "./calls.js";
import type { UsersCase } from "./case.js";

/** Each lookup on its own. */
export const lookUpCases: readonly UsersCase[] = [
  {
    name: "findByIdentifier finds the account, and nothing for an unknown identifier",
    async run(subject) {
      const { identifier, otherIdentifiers = [] } = subject;
      for (const typed of [identifier, ...otherIdentifiers]) {
        const fold = (text: string) => foldIdentifier(subject.users.normalize?.(text) ?? text);
        const stored = identifiersOf(subject, await findIt(subject, typed)).map(fold);
        assert.ok(
          stored.includes(fold(typed)),
          "users.identifierOf doesn't return what the account was found by, so resetkit would drop the account. If it's spelled differently, pass users.normalize.",
        );
      }
      const found = await findAll(subject, `unknown.account.${identifier}`);
      assert.equal(found.length, 0, "users.findByIdentifier finds an account for an unknown identifier.");
    },
  },
  {
    name: "addressOf returns email addresses that resetkit sends to",
    async run(subject) {
      const addresses: unknown[] = addressesOf(subject, await findIt(subject));
      assert.ok(
        addresses.length > 0 && addresses.every((one) => typeof one === "string" && isAddress(one.trim())),
        'users.addressOf must return plain email addresses, such as "ada@example.com".',
      );
    },
  },
  {
    name: "mayReset returns true for the account",
    async run(subject) {
      const user = await findIt(subject);
      const answer = subject.users.mayReset ? await subject.users.mayReset(user, {}) : true;
      assert.equal(answer, true, "users.mayReset doesn't return true.");
    },
  },
  {
    name: "stateOf returns the same values while nothing changes",
    async run(subject) {
      const user = await findIt(subject);
      assert.ok((await stateOf(subject, user)).length > 0, "users.stateOf returns an empty array.");
      assertSame(await stateNow(subject, user), await stateNow(subject, user));
    },
  },
];
