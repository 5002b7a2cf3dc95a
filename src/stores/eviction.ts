import type { PutRule, TokenRow } from "../types.js";

/** What the rule looks at. */
export type Candidate = Pick<TokenRow, "createdAt" | "expiresAt" | "delivery">;

/**
 * The rows of an account that give way to a new one, by the rule of `TokenStore.put`: none where there is
 * room, and `"over_cap"` where none can be made. Several only after `maxLive` was lowered.
 */
export function rowsToEvict<Row extends Candidate>(rows: readonly Row[], rule: PutRule): Row[] | "over_cap" {
  const excess = rows.length + 1 - rule.maxLive;
  if (excess <= 0) return [];
  const quiet = rows.every((row) => row.createdAt < rule.now - rule.quietFor);
  const ranked = rows
    .map((row) => ({ row, rank: rankOf(row, rule) }))
    .filter(({ rank }) => rank < 2 || quiet)
    .sort((a, b) => a.rank - b.rank || a.row.createdAt - b.row.createdAt);
  if (ranked.length < excess) return "over_cap";
  return ranked.slice(0, excess).map(({ row }) => row);
}

/** 0: expired. 1: its mail failed, or was never heard of again. 2: good. */
function rankOf(row: Candidate, rule: PutRule): 0 | 1 | 2 {
  if (row.expiresAt <= rule.now) return 0;
  const lost = row.delivery === "pending" && row.createdAt < rule.now - rule.pendingFor;
  return lost || row.delivery === "failed" ? 1 : 2;
}
