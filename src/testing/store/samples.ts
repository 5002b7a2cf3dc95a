/**
 * Rows, entries, and times for the cases of the store suite.
 *
 * @module
 */
import assert from "node:assert/strict";
import { hex } from "../../crypto/encoding.js";
import type { PutRule, QueueEntry, Store, TokenRow } from "../../types.js";

/** The time at which every case begins. */
export const start = Date.UTC(2100, 0, 1);
export const minute = 60_000;
export const hour = 60 * minute;

/** The number of concurrent callers. */
export const crowd = 200;

/** Different bytes for every number. */
export function bytes(length: number, number: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (number >>> (8 * (i % 4))) ^ (i * 37));
}

export function row(number: number, changes: Partial<TokenRow> = {}): TokenRow {
  return {
    lookup: bytes(16, number),
    proof: bytes(32, number),
    userId: "ada",
    scope: "",
    createdAt: start,
    expiresAt: start + 24 * hour,
    delivery: "pending",
    leasedUntil: 0,
    ...changes,
  };
}

/** The changes of a row whose email was accepted. */
export const accepted = { delivery: "accepted" } as const;

export function code(number: number): NonNullable<TokenRow["code"]> {
  return { lookup: bytes(16, ~number), proof: bytes(32, ~number), expiresAt: start + 10 * minute };
}

export function rule(changes: Partial<PutRule> = {}): PutRule {
  return { now: start, maxLive: 3, pendingFor: 5 * minute, quietFor: hour, ...changes };
}

/** An entry that was added and became due `number` milliseconds after the start. */
export function entry(number: number, changes: Partial<QueueEntry> = {}): QueueEntry {
  return {
    id: number.toString(16).padStart(32, "0"),
    sealed: bytes(48, number),
    addedAt: start + number,
    dueAt: start + number,
    ...changes,
  };
}

/** Puts rows, each of which must be stored. */
export async function fill(store: Store, rows: readonly TokenRow[], max = rows.length): Promise<void> {
  for (const one of rows) {
    assert.equal(await store.tokens.put(one, rule({ now: one.createdAt, maxLive: max })), "stored");
  }
}

/** Which of the rows exist, by the numbers that they were made from. */
export async function present(store: Store, numbers: readonly number[]): Promise<number[]> {
  const found = await Promise.all(numbers.map((number) => store.tokens.find(bytes(16, number))));
  return numbers.filter((_, i) => found[i] !== null);
}

export async function simultaneously<T>(count: number, call: (number: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => call(i)));
}

/** A row or entry with its bytes as text: drivers return Buffers, which are Uint8Arrays but not deep-equal to them. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${hex(value)}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const given = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(given.map(([key, part]) => [key, plain(part)]));
}

export function same(actual: unknown, expected: unknown): void {
  assert.deepEqual(plain(actual), plain(expected));
}
