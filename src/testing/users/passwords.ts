import assert from "node:assert/strict";
import type { StateValue } from "../../types.js";
import {
  assertDiffers,
  assertSame,
  change,
  findAgain,
  findIt,
  passwords,
  race,
  racers,
  secretOf,
  stateNow,
  store,
} from "./calls.js";
import type { AnySubject, UsersCase } from "./case.js";

const howToCompare =
  "Compare every value of `expected` in the statement that stores the password, with `is not distinct from` (PostgreSQL), `is` (SQLite), or `<=>` (MySQL), so that null equals null.";

/** Whether `setPassword` is a compare-and-set on the whole state, and whether hashes are salted. */
export const passwordCases: readonly UsersCase[] = [
  {
    name: "setPassword returns true, and the state changes",
    async run(subject) {
      const user = await findIt(subject);
      const before = await stateNow(subject, user);
      assert.equal(await change(subject, user, passwords[0], before), true, howToCompare);
      assertDiffers(before, await stateNow(subject, user), "setPassword changes no value of stateOf.");
    },
  },
  {
    name: "the state changes even if the new password is the old one",
    async run(subject) {
      const user = await findIt(subject);
      await change(subject, user, passwords[0], await stateNow(subject, user));
      const before = await stateNow(subject, user);
      const fresh = await findAgain(subject, user);
      assert.equal(await change(subject, fresh, passwords[0], before), true);
      assertDiffers(
        before,
        await stateNow(subject, user),
        "The same password results in the same hash. Salt each hash.",
      );
    },
  },
  {
    name: "setPassword returns false for an outdated state, and changes nothing",
    async run(subject) {
      const user = await findIt(subject);
      const before = await stateNow(subject, user);
      assert.equal(await change(subject, user, passwords[0], before), true);
      const after = await stateNow(subject, user);
      assert.equal(await change(subject, user, passwords[1], before), false);
      assert.equal(await change(subject, await findAgain(subject, user), passwords[1], before), false);
      assertSame(after, await stateNow(subject, user));
    },
  },
  {
    name: "setPassword returns false if any single value of expected has changed, and changes nothing",
    run: async (subject) => assertComparesAll(subject, await findIt(subject)),
  },
  {
    name: `of ${racers} concurrent callers of setPassword in one state, exactly one gets true`,
    async run(subject) {
      const user = await findIt(subject);
      for (let round = 0; round < 5; round++) await raceFor(subject, user, `${passwords[0]} ${round}`);
    },
  },
  {
    name: "an account without a password gets its first one, and exactly one of the concurrent callers sets it",
    needs: "withoutPassword",
    async run(subject) {
      const user = await findIt(subject, subject.withoutPassword);
      await assertComparesAll(subject, user);
      await raceFor(subject, user, passwords[0]);
      await raceFor(subject, user, passwords[1]);
    },
  },
  {
    name: "hashPassword returns a different string each time",
    needs: "hashPassword",
    async run(subject) {
      const user = await findIt(subject);
      const hashes: unknown[] = await race(() => secretOf(subject, user, passwords[0]), 2);
      for (const hash of hashes) {
        assert.ok(typeof hash === "string" && hash !== "", "users.hashPassword must return the hash.");
        assert.notEqual(hash, passwords[0], "users.hashPassword returns the password itself.");
      }
      assert.notEqual(hashes[0], hashes[1], "Two hashes of one password are equal. Salt each hash.");
    },
  },
];

/** Tries the state with each single value changed or null, as if the account had been different when the token was checked. */
async function assertComparesAll(subject: AnySubject, user: unknown): Promise<void> {
  const before = await stateNow(subject, user);
  const secret = await secretOf(subject, user, passwords[0]);
  for (const [index, value] of before.entries()) {
    for (const other of othersThan(value)) {
      const expected = before.map((kept, at) => (at === index ? other : kept));
      // A database may refuse to compare such a value, for example in an enum column.
      const isStored = await store(subject, user, secret, expected).catch((error: unknown) => {
        if (error instanceof assert.AssertionError) throw error;
        return false;
      });
      const why = `users.setPassword stored a password although expected[${index}] wasn't the account's. ${howToCompare}`;
      assert.equal(isStored, false, why);
      assertSame(before, await stateNow(subject, user), why);
    }
  }
}

function othersThan(value: StateValue): StateValue[] {
  switch (typeof value) {
    case "string":
      return [`${value}x`, null];
    case "number":
      return [value + 1, null];
    case "bigint":
      return [value + 1n, null];
    case "boolean":
      return [!value, null];
    default:
      if (value instanceof Date) return [new Date(value.getTime() + 3_600_000), null];
      if (value instanceof Uint8Array) return [Uint8Array.of(...value, 1), null];
      return ["x"];
  }
}

/** Races callers that all saw the account in its current state. Exactly one must set the password. */
async function raceFor(subject: AnySubject, user: unknown, password: string): Promise<void> {
  const before = await stateNow(subject, user);
  const fresh = await findAgain(subject, user);
  const secret = await secretOf(subject, fresh, password);
  const answers = await race(() => store(subject, fresh, secret, before));
  assert.equal(
    answers.filter(Boolean).length,
    1,
    `users.setPassword must return true to exactly one of the concurrent callers. ${howToCompare}`,
  );
  assertDiffers(before, await stateNow(subject, user), "users.setPassword returned true but stored nothing.");
}
