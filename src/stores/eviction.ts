import type { PutRule, TokenRow } from "../ports.js";

/** What the rule reads. */
export type Candidate = Pick<TokenRow, "createdAt" | "expiresAt" | "delivery" | "issued">;

/** Where a new row goes: beside the others, or beside the one that it will replace. */
export interface Placement<Row> {
  readonly outcome: "stored" | "successor";
  /** Rows to remove first. */
  readonly evict: readonly Row[];
}

/**
 * Decides whether one more row fits, by the rule of `TokenStore.put`, and which rows it replaces.
 *
 * A valid row is never replaced by one whose email isn't accepted yet: while a mail server is down, that would revoke
 * links that users have already received.
 */
export function placementOf<Row extends Candidate>(
  rows: readonly Row[],
  row: Candidate,
  rule: PutRule,
): Placement<Row> | "over_cap" {
  const same = sameKind(rows, row);
  const limit = limitOf(row, rule.maxLive);
  const dead = same.filter((one) => rankOf(one, rule) < valid).sort(byRankThenAge(rule));
  const excess = same.length + 1 - limit;
  if (dead.length >= excess) return { outcome: "stored", evict: dead.slice(0, Math.max(0, excess)) };

  const pending = same.filter((one) => one.delivery === "pending" && rankOf(one, rule) === valid);
  if (row.issued) return { outcome: "successor", evict: [...dead, ...pending] };
  const quiet = same.every((one) => one.createdAt < rule.now - rule.quietFor);
  if (!quiet || pending.length > 0) return "over_cap";
  return { outcome: "successor", evict: dead };
}

/** The rows that an accepted successor replaces: those whose email failed, then the oldest. */
export function replacedBy<Row extends Candidate>(
  successor: Row,
  rows: readonly Row[],
  maxLive: number,
): readonly Row[] {
  const same = sameKind(rows, successor);
  const others = same.filter((one) => one !== successor).sort(failedThenAge);
  return others.slice(0, Math.max(0, same.length - limitOf(successor, maxLive)));
}

function sameKind<Row extends Candidate>(rows: readonly Row[], { issued = false }: Candidate): Row[] {
  return rows.filter((one) => (one.issued ?? false) === issued);
}

function limitOf({ issued = false }: Candidate, maxLive: number): number {
  return issued ? 1 : maxLive;
}

const valid = 2;

/** 0: expired. 1: its email failed, or was never heard of again. 2: valid. */
function rankOf(row: Candidate, rule: PutRule): 0 | 1 | typeof valid {
  if (row.expiresAt <= rule.now) return 0;
  const isLost = row.delivery === "pending" && row.createdAt < rule.now - rule.pendingFor;
  return isLost || row.delivery === "failed" ? 1 : valid;
}

const byRankThenAge = (rule: PutRule) => (a: Candidate, b: Candidate) =>
  rankOf(a, rule) - rankOf(b, rule) || a.createdAt - b.createdAt;

const failedThenAge = (a: Candidate, b: Candidate) =>
  Number(b.delivery === "failed") - Number(a.delivery === "failed") || a.createdAt - b.createdAt;
