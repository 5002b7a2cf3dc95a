/**
 * The calls that the cases of the users suite are made of, with the port's defaults filled in.
 *
 * @module
 */
import assert from "node:assert/strict";
import { canonicalBytes } from "../crypto/canonical.js";
import type { StateValue, UserId } from "../types.js";
import type { UsersSubject } from "./users.js";

/** How many callers race for one account. */
export const racers = 16;

export async function findIt({ users, identifier, scope }: UsersSubject<any>): Promise<any> {
  const found = [(await users.findByIdentifier(identifier, { scope })) ?? []].flat();
  assert.ok(found.length > 0, `users.findByIdentifier finds nothing for the identifier of the suite.`);
  return found[0];
}

export async function findAgain(subject: UsersSubject<any>, user: any): Promise<any> {
  const found = await subject.users.findById(idOf(subject, user), { scope: subject.scope });
  assert.ok(found, "users.findById does not find what users.idOf names.");
  return found;
}

export async function stateNow(subject: UsersSubject<any>, user: any): Promise<readonly StateValue[]> {
  return subject.users.stateOf(await findAgain(subject, user));
}

/** As the engine does it: the slow part first, then compare and set. */
export async function change(
  subject: UsersSubject<any>,
  user: any,
  password: string,
  expected: readonly StateValue[],
  transaction?: unknown,
): Promise<boolean> {
  return store(subject, user, await secretOf(subject, user, password), expected, transaction);
}

export async function secretOf({ users }: UsersSubject<any>, user: any, password: string): Promise<string> {
  return users.hashPassword ? users.hashPassword(password, user) : password;
}

export async function store(
  { users }: UsersSubject<any>,
  user: any,
  secret: string,
  expected: readonly StateValue[],
  transaction?: unknown,
): Promise<boolean> {
  const answer: unknown = await users.setPassword(user, secret, { expected, transaction });
  assert.ok(answer === true || answer === false, "users.setPassword gives neither true nor false.");
  return answer;
}

export function inTransaction<T>(
  { transaction }: UsersSubject<any>,
  work: (transaction: any) => Promise<T>,
): Promise<T> {
  assert.ok(transaction, "users.lock is there: give the suite a transaction to call it in.");
  return transaction(work);
}

export function race<T>(call: () => Promise<T>, count = racers): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, call));
}

export function idOf({ users }: UsersSubject<any>, user: any): UserId {
  return users.idOf ? users.idOf(user) : user.id;
}

export function identifiersOf({ users }: UsersSubject<any>, user: any): string[] {
  return [users.identifierOf ? users.identifierOf(user) : user.email].flat();
}

export function isSame(a: readonly StateValue[], b: readonly StateValue[]): boolean {
  return Buffer.compare(canonicalBytes(a), canonicalBytes(b)) === 0;
}

export function assertSame(a: readonly StateValue[], b: readonly StateValue[]): void {
  assert.ok(isSame(a, b), "users.stateOf gives another state though nothing has changed.");
}

export function assertDiffers(a: readonly StateValue[], b: readonly StateValue[], why: string): void {
  assert.ok(!isSame(a, b), why);
}
