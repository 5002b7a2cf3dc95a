/**
 * Adds a row, by the rule of `TokenStore.put`. The unique key (scope, user_id, slot) makes the database itself enforce
 * the limits: rows of requests take slots from 0 up, rows of `issueFor` from -1 down, and a row may take the slot of
 * one that it replaces.
 *
 * @module
 */
import { equal } from "#crypto";
import { writeUserId } from "../../identity/user-id.js";
import type { Delivery, PutRule, SqlValue, TokenRow, UserId } from "../../ports.js";
import { placementOf } from "../eviction.js";
import type { Database } from "./database.js";
import { isDuplicate } from "../../sql/errors.js";
import { asBytes, asText, isIssued, nameOf, note, type Row } from "./rows.js";

/** Each failed attempt is another caller's success, on the same account at the same moment. */
const attempts = 1_000;

export async function putToken(
  db: Database,
  row: TokenRow,
  rule: PutRule,
): Promise<"stored" | "successor" | "over_cap" | "taken"> {
  const { run, statements } = db;
  const owner = accountOf(row.userId, row.scope);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const rows = (await run(statements.accountRows, owner)).rows.map(occupantOf);
    const placement = placementOf(rows, row, rule);
    if (placement === "over_cap") return placement;
    if (rows.some((own) => clashes(own, row))) return "taken";

    const { outcome, evict } = placement;
    const [victim, ...more] = evict;
    if (more.length > 0) {
      // `maxLive` was lowered. Remove the excess rows first; then there's one slot to take.
      if (await isTaken(db, row)) return "taken";
      for (const { lookup, delivery } of more) await run(statements.evictToken, [lookup, delivery]);
      continue;
    }
    const values = [...columns(row), ...owner, ...details(row)];
    const change = !victim
      ? run(statements.insertToken, [...values, slotFor(rows, row, outcome, rule)])
      : row.issued && victim.delivery === "pending"
        ? run(statements.replacePending, [...values, ...owner, victim.slot])
        : run(statements.replaceToken, [...values, victim.lookup, victim.delivery]);
    if (await happened(change)) return outcome;
    if (await isTaken(db, row)) return "taken";
  }
  throw new Error(
    `An account's tokens changed ${attempts} times while one was being added. Check that only resetkit writes to its tables.`,
  );
}

/** A row of the account, as far as the rule reads it. */
export interface Occupant {
  readonly slot: number;
  readonly issued: boolean;
  readonly lookup: Uint8Array;
  readonly codeLookup: Uint8Array | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly delivery: Delivery;
}

export function occupantOf(row: Row): Occupant {
  const slot = Number(row.slot);
  return {
    slot,
    issued: isIssued(slot),
    lookup: asBytes(row.lookup),
    codeLookup: row.codelookup === null ? undefined : asBytes(row.codelookup),
    createdAt: Number(row.createdat),
    expiresAt: Number(row.expiresat),
    delivery: asText(row.delivery) as Delivery,
  };
}

/** The account in the columns `scope` and `user_id`. */
export function accountOf(userId: UserId, scope: string): SqlValue[] {
  return [nameOf(scope, "The scope"), nameOf(writeUserId(userId), "The id of an account")];
}

/** A row that takes the place of one with its own lookup would break no unique key. */
function clashes(own: Occupant, row: TokenRow): boolean {
  if (equal(own.lookup, row.lookup)) return true;
  return own.codeLookup !== undefined && row.code !== undefined && equal(own.codeLookup, row.code.lookup);
}

function slotFor(
  rows: readonly Occupant[],
  row: TokenRow,
  outcome: "stored" | "successor",
  { maxLive }: PutRule,
): number {
  const used = new Set(rows.map(({ slot }) => slot));
  // Two concurrent successors want the same slot, and the unique key rejects one of them.
  if (row.issued) return firstFree(used, -1, -1);
  return outcome === "successor" ? firstFree(used, 0, 1) : freeBelow(maxLive, rows, used, row.lookup[0]!);
}

function firstFree(used: ReadonlySet<number>, from: number, step: 1 | -1): number {
  let slot = from;
  while (used.has(slot)) slot += step;
  return slot;
}

/** One of the free slots below the limit, by a byte of the lookup: concurrent callers seldom want the same one. */
function freeBelow(
  maxLive: number,
  rows: readonly Occupant[],
  used: ReadonlySet<number>,
  choice: number,
): number {
  // Rows may be above the limit: successors, and rows from before `maxLive` was lowered. Each closes a slot below.
  let slots = maxLive;
  while (slots > maxLive - rows.filter(({ slot }) => slot >= slots).length) slots--;
  const free = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !used.has(slot));
  return free[choice % free.length]!;
}

async function happened(change: Promise<{ readonly changes: number }>): Promise<boolean> {
  try {
    return (await change).changes === 1;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

async function isTaken({ run, statements }: Database, row: TokenRow): Promise<boolean> {
  return (await run(statements.taken, [row.lookup, row.code?.lookup ?? null])).rows.length > 0;
}

function columns({ lookup, proof, code }: TokenRow): SqlValue[] {
  return [lookup, proof, code?.lookup ?? null, code?.proof ?? null, code?.expiresAt ?? null];
}

function details({ createdAt, expiresAt, delivery, leasedUntil, ip, userAgent }: TokenRow): SqlValue[] {
  return [createdAt, expiresAt, delivery, leasedUntil, note(ip), note(userAgent)];
}
