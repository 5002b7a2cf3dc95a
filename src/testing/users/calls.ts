/**
 * The calls that the users suite makes, with the port's defaults filled in. Each is a method call on `users`, which may be
 * an instance of a class.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sameValues } from "../../crypto/canonical.js";
import type { StateValue, UserId } from "../../types.js";
import type { AnySubject } from "./case.js";

type Subject = AnySubject;
type State = readonly StateValue[];
/** An account that needs neither `identifierOf` nor `addressOf`. */
type Emailed = { readonly email: string };

/** The number of concurrent callers for one account. */
export const racers = 16;

export const passwords = ["Correct-horse-9 one", "Correct-horse-9 two"] as const;

export async function findIt(subject: Subject, identifier = subject.identifier): Promise<unknown> {
  const [found] = await findAll(subject, identifier);
  assert.ok(found, "users.findByIdentifier doesn't find an account for an identifier of the suite.");
  return found;
}

export async function findAll({ users, scope }: Subject, identifier: string): Promise<readonly unknown[]> {
  return [
    (await users.findByIdentifier(users.normalize?.(identifier) ?? identifier, { scope })) ?? [],
  ].flat();
}

export async function findAgain(subject: Subject, user: unknown): Promise<unknown> {
  const found = await subject.users.findById(idOf(subject, user), { scope: subject.scope });
  assert.ok(found, "users.findById doesn't find the id that users.idOf returned.");
  return found;
}

export async function lockIt(subject: Subject, user: unknown, transaction: unknown): Promise<unknown> {
  const { users, scope } = subject;
  assert.ok(users.lock, "The accounts have no lock, and this case needs it.");
  const found = await users.lock(idOf(subject, user), { transaction, scope });
  assert.ok(found, "users.lock doesn't find the id that users.idOf returned.");
  return found;
}

export async function stateOf({ users }: Subject, user: unknown, transaction?: unknown): Promise<State> {
  return users.stateOf(user, { transaction });
}

export async function stateNow(subject: Subject, user: unknown): Promise<State> {
  return stateOf(subject, await findAgain(subject, user));
}

/** Changes a password as the engine does: hashes it first, then compares and sets. */
export async function change(
  subject: Subject,
  user: unknown,
  password: string,
  expected: State,
  transaction?: unknown,
): Promise<boolean> {
  return store(subject, user, await secretOf(subject, user, password), expected, transaction);
}

export async function secretOf({ users }: Subject, user: unknown, password: string): Promise<string> {
  return users.hashPassword ? users.hashPassword(password, user) : password;
}

/** Calls `setPassword`. If there's `users.lock`, it always passes a transaction, as the engine does. */
export async function store(
  subject: Subject,
  user: unknown,
  secret: string,
  expected: State,
  transaction?: unknown,
): Promise<boolean> {
  if (transaction === undefined && subject.users.lock && subject.transaction) {
    return subject.transaction((handle) => store(subject, user, secret, expected, handle));
  }
  const answer: unknown = await subject.users.setPassword(user, secret, { expected, transaction });
  assert.ok(typeof answer === "boolean", "users.setPassword must return true or false.");
  return answer;
}

export async function revokeSessions(subject: Subject, user: unknown, transaction?: unknown): Promise<void> {
  if (transaction === undefined && subject.users.lock && subject.transaction) {
    return subject.transaction((handle) => revokeSessions(subject, user, handle));
  }
  const { users } = subject;
  assert.ok(users.revokeSessions !== "none", 'users.revokeSessions is "none", but there are sessions.');
  await users.revokeSessions(user, { transaction });
}

export function inTransaction<T>(
  { transaction }: Subject,
  work: (transaction: unknown) => Promise<T>,
): Promise<T> {
  assert.ok(
    transaction,
    "users has lock, so the suite needs a transaction to call it in. Return `transaction` from make.",
  );
  return transaction(work);
}

export function race<T>(call: () => Promise<T>, count = racers): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, call));
}

export function idOf({ users }: Subject, user: unknown): UserId {
  return users.idOf ? users.idOf(user) : (user as { readonly id: UserId }).id;
}

export function identifiersOf({ users }: Subject, user: unknown): string[] {
  return [users.identifierOf ? users.identifierOf(user) : (user as Emailed).email].flat();
}

export function addressesOf({ users }: Subject, user: unknown): string[] {
  return [users.addressOf ? users.addressOf(user) : (user as Emailed).email].flat();
}

export function assertSame(
  a: State,
  b: State,
  why = "users.stateOf returns a different state although nothing has changed.",
): void {
  assert.ok(sameValues(a, b), why);
}

export function assertDiffers(a: State, b: State, why: string): void {
  assert.ok(!sameValues(a, b), why);
}
