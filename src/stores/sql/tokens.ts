import { equal } from "#crypto";
import { writeUserId } from "../../identity/user-id.js";
import type { Delivery, PutRule, SqlValue, TokenRow, TokenStore, UserId } from "../../types.js";
import { rowsToEvict } from "../eviction.js";
import type { Database } from "../sql.js";
import { isDuplicate } from "./dialects.js";
import { asBytes, asText, foundLink, nameOf, tokenRow, type Row } from "./rows.js";

/**
 * Tokens in a table whose unique key (scope, user_id, slot) keeps the cap: a row takes a slot from 0 to
 * `maxLive` - 1, or the place of a row that gives way.
 */
export function sqlTokens(db: Database, parseId?: (text: string) => UserId): TokenStore {
  const { run, statements } = db;
  const rowsOf = async (...query: Parameters<typeof run>) =>
    (await run(...query)).rows.map((row) => tokenRow(row, parseId));
  const looks = {
    link: (lookup: Uint8Array) => run(statements.findLink, [lookup]),
    code: (lookup: Uint8Array) => run(statements.findCode, [lookup]),
    either: (lookup: Uint8Array) => run(statements.findToken, [lookup, lookup]),
  };
  const changesOf = async (...query: Parameters<typeof run>) => (await run(...query)).changes;

  return {
    put: (row, rule) => put(db, row, rule),
    async find(lookup, of) {
      const [row] = (await looks[of ?? "either"](lookup)).rows;
      if (!row) return null;
      return of === "link" ? foundLink(lookup, row, parseId) : tokenRow(row, parseId);
    },
    async delivered(lookup, accepted) {
      const delivery: Delivery = accepted ? "accepted" : "failed";
      await run(statements.deliver, [delivery, lookup]);
    },
    liveOf: (userId, { scope, now }) => rowsOf(statements.liveTokens, [...account(userId, scope), now]),
    lease: async (lookup, until, now) => (await changesOf(statements.leaseToken, [until, lookup, now])) === 1,
    async release(lookup, until) {
      await run(statements.releaseToken, [lookup, until]);
    },
    async finish(lookup, { leasedUntil, transaction } = {}) {
      const changes =
        leasedUntil === undefined
          ? await changesOf(statements.finishToken, [lookup], transaction)
          : await changesOf(statements.finishLeased, [lookup, leasedUntil], transaction);
      return changes === 1;
    },
    removeByUser: (userId, { scope, transaction }) =>
      changesOf(statements.removeByUser, account(userId, scope), transaction),
    removeExpired: (now, limit) => changesOf(statements.removeTokens, [now, limit]),
    // Every lookup is greater than one zero byte.
    list: ({ after = new Uint8Array(1), limit }) => rowsOf(statements.listTokens, [after, limit]),
  };
}

/** Each try that comes to nothing is somebody else's success, on the same account and in the same instant. */
const tries = 1_000;

async function put(db: Database, row: TokenRow, rule: PutRule): Promise<"stored" | "over_cap" | "taken"> {
  const { run, statements } = db;
  const owner = account(row.userId, row.scope);
  for (let attempt = 0; attempt < tries; attempt++) {
    const rows = (await run(statements.accountRows, owner)).rows.map(occupant);
    const victims = rowsToEvict(rows, rule);
    if (victims === "over_cap") return "over_cap";
    if (rows.some((own) => clash(own, row))) return "taken";

    if (victims.length > 1) {
      // `maxLive` was lowered. What is too much goes, and then there is a slot.
      for (const victim of victims) await run(statements.finishToken, [victim.lookup]);
      continue;
    }
    const [victim] = victims;
    const values = [...columns(row), ...owner, ...details(row)];
    const change = victim
      ? run(statements.replaceToken, [...values, victim.lookup, victim.delivery])
      : run(statements.insertToken, [...values, freeSlot(rows, row, rule)]);
    if (await happened(change)) return "stored";
    if (await isTaken(db, row)) return "taken";
  }
  throw new Error(`An account's tokens changed ${tries} times while one was being added.`);
}

function occupant(row: Row) {
  return {
    slot: Number(row.slot),
    lookup: asBytes(row.lookup),
    codeLookup: row.codelookup === null ? undefined : asBytes(row.codelookup),
    createdAt: Number(row.createdat),
    expiresAt: Number(row.expiresat),
    delivery: asText(row.delivery) as Delivery,
  };
}

/** A row that would take its own lookup's place would break no unique key. */
function clash(own: ReturnType<typeof occupant>, row: TokenRow): boolean {
  if (equal(own.lookup, row.lookup)) return true;
  return own.codeLookup !== undefined && row.code !== undefined && equal(own.codeLookup, row.code.lookup);
}

/** One of the free slots, by a byte of the lookup: callers who race for an account seldom want the same. */
function freeSlot(rows: readonly { slot: number }[], row: TokenRow, { maxLive }: PutRule): number {
  const used = new Set(rows.map(({ slot }) => slot));
  // Rows from before `maxLive` was lowered may lie above it. Each of them closes a slot below.
  let slots = maxLive;
  while (slots > maxLive - rows.filter(({ slot }) => slot >= slots).length) slots--;
  const free = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !used.has(slot));
  return free[row.lookup[0]! % free.length]!;
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

function account(userId: UserId, scope: string): SqlValue[] {
  return [nameOf(scope, "The scope"), nameOf(writeUserId(userId), "The id of an account")];
}

function columns({ lookup, proof, code }: TokenRow): SqlValue[] {
  return [lookup, proof, code?.lookup ?? null, code?.proof ?? null, code?.expiresAt ?? null];
}

function details({ createdAt, expiresAt, delivery, leasedUntil, ip, userAgent }: TokenRow): SqlValue[] {
  return [createdAt, expiresAt, delivery, leasedUntil, note(ip), note(userAgent)];
}

/** PostgreSQL's text has no NUL, and a header must not be able to cause an error. */
function note(text: string | undefined): string | null {
  return text?.replaceAll("\0", "\uFFFD") ?? null;
}
