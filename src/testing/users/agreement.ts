/**
 * Whether all lookups of an account return the same values. A token is created from the values of one lookup and checked
 * against those of another, so a difference, even only in type, makes every link of the account invalid.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sameValues } from "../../crypto/canonical.js";
import { writeUserId } from "../../identity/user-id.js";
import type { StateValue } from "../../types.js";
import {
  addressesOf,
  findAgain,
  findAll,
  identifiersOf,
  idOf,
  inTransaction,
  lockIt,
  stateOf,
} from "./calls.js";
import type { AnySubject, UsersCase } from "./case.js";

/** What one lookup returned. */
interface Reading {
  readonly by: string;
  readonly user: unknown;
  readonly state: readonly StateValue[];
}

/** Compares two readings of an account. Returns a sentence about their difference, or `undefined`. */
type Difference = (one: Reading, other: Reading, subject: AnySubject) => string | undefined;

const differences: Readonly<Record<string, Difference>> = {
  "the same id, of the same type": (one, other, subject) => {
    const [left, right] = [idOf(subject, one.user), idOf(subject, other.user)];
    if (writeUserId(left) === writeUserId(right)) return undefined;
    return tell("users.idOf()", [one, typeName(left)], [other, typeName(right)]);
  },
  "the same email addresses": (one, other, subject) => {
    const [left, right] = [addressesOf(subject, one.user), addressesOf(subject, other.user)];
    if (sameValues(left, right)) return undefined;
    return `users.addressOf() returns different email addresses for the accounts of ${one.by} and ${other.by}. Return all verified email addresses for both: resetkit picks the one that was typed.`;
  },
  "every value of stateOf, with no column left out": inState(isLeftOut),
  "booleans as booleans, or numbers, alike": inState(isBooleanOnce),
  "times as Dates, or text, alike": inState(isDateOnce),
  "the same values of stateOf": inState(
    (a, b) => !isLeftOut(a, b) && !isBooleanOnce(a, b) && !isDateOnce(a, b),
  ),
};

/** Finds the first value of `stateOf` that differs in this way. */
function inState(matches: (a: StateValue, b: StateValue) => boolean): Difference {
  return (one, other) => {
    const length = Math.max(one.state.length, other.state.length);
    for (let index = 0; index < length; index++) {
      const [left, right] = [one.state[index], other.state[index]];
      if (sameValues([left], [right]) || !matches(left, right)) continue;
      return tell(`users.stateOf()[${index}]`, [one, typeName(left)], [other, typeName(right)]);
    }
    return undefined;
  };
}

function tell(what: string, [one, left]: [Reading, string], [other, right]: [Reading, string]): string {
  const values = left === right ? [`one ${left}`, "another"] : [left, right];
  return `${what} is ${values[0]} from ${one.by} and ${values[1]} from ${other.by}. Select and convert the same columns in both.`;
}

function isLeftOut(a: StateValue, b: StateValue): boolean {
  return a === undefined || b === undefined;
}

function isBooleanOnce(a: StateValue, b: StateValue): boolean {
  return !isLeftOut(a, b) && (typeof a === "boolean") !== (typeof b === "boolean");
}

function isDateOnce(a: StateValue, b: StateValue): boolean {
  return !isLeftOut(a, b) && a instanceof Date !== b instanceof Date;
}

function typeName(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? value.constructor.name : typeof value;
}

/** Every account that the suite's identifiers find, and that those accounts' own identifiers find. */
async function foundBy(subject: AnySubject): Promise<unknown[]> {
  const given = [subject.identifier, ...(subject.otherIdentifiers ?? [])];
  const found = (await Promise.all(given.map((typed) => findAll(subject, typed)))).flat();
  const stored = new Set(found.flatMap((user) => identifiersOf(subject, user)));
  for (const typed of given) stored.delete(typed);
  const more = await Promise.all([...stored].map((typed) => findAll(subject, typed)));
  return [...found, ...more.flat()];
}

async function readingOf(
  subject: AnySubject,
  by: string,
  user: unknown,
  transaction?: unknown,
): Promise<Reading> {
  return { by, user, state: await stateOf(subject, user, transaction) };
}

function casesFor(
  lookUp: "findById" | "lock",
  read: (subject: AnySubject, user: unknown) => Promise<Reading>,
): UsersCase[] {
  return Object.entries(differences).map(([what, difference]) => ({
    name: `${lookUp} and findByIdentifier return ${what}`,
    ...(lookUp === "lock" && { needs: lookUp }),
    async run(subject) {
      const found = await foundBy(subject);
      assert.ok(found.length > 0, "users.findByIdentifier doesn't find the account.");
      for (const user of found) {
        const one = await readingOf(subject, "findByIdentifier", user);
        assert.equal(difference(one, await read(subject, user), subject), undefined);
      }
    },
  }));
}

export const agreementCases: readonly UsersCase[] = [
  ...casesFor("findById", async (subject, user) =>
    readingOf(subject, "findById", await findAgain(subject, user)),
  ),
  ...casesFor("lock", (subject, user) =>
    inTransaction(subject, async (transaction) =>
      readingOf(subject, "lock", await lockIt(subject, user, transaction), transaction),
    ),
  ),
];
