import { hex } from "../../crypto/encoding.js";
import { writeUserId } from "../../identity/user-id.js";
import type { TokenRow, TokenStore } from "../../ports.js";
import { placementOf, replacedBy } from "../eviction.js";
import { compare, put, some, type Run, type Undo } from "./undo-log.js";

/** Rows in maps. */
export function memoryTokens(run: Run): TokenStore {
  const rows = new Map<string, TokenRow>();
  /** The lookup of the row that a code belongs to. */
  const codes = new Map<string, string>();
  /** The lookups of an account's rows. */
  const accounts = new Map<string, readonly string[]>();

  const lookupsOf = (name: string) => accounts.get(name) ?? [];
  const ofAccount = (name: string) => lookupsOf(name).flatMap((lookup) => rows.get(lookup) ?? []);

  const insert = (row: TokenRow, undo: Undo) => {
    const lookup = hex(row.lookup);
    const name = accountOf(row);
    put(rows, lookup, row, undo);
    put(accounts, name, [...lookupsOf(name), lookup], undo);
    if (row.code) put(codes, hex(row.code.lookup), lookup, undo);
  };

  const remove = (row: TokenRow, undo: Undo) => {
    const lookup = hex(row.lookup);
    const name = accountOf(row);
    const others = lookupsOf(name).filter((other) => other !== lookup);
    put(rows, lookup, undefined, undo);
    put(accounts, name, others.length > 0 ? others : undefined, undo);
    if (row.code) put(codes, hex(row.code.lookup), undefined, undo);
  };

  /** Changes a row if it exists and is `allowed`; returns whether it did. */
  const change = (
    lookup: Uint8Array,
    changes: Partial<TokenRow>,
    allowed: (row: TokenRow) => boolean = () => true,
  ) => {
    const row = rows.get(hex(lookup));
    if (!row || !allowed(row)) return false;
    rows.set(hex(lookup), { ...row, ...changes });
    return true;
  };

  return {
    put: (row, rule) =>
      run((undo) => {
        const placement = placementOf(ofAccount(accountOf(row)), row, rule);
        if (placement === "over_cap") return "over_cap";
        if (rows.has(hex(row.lookup)) || (row.code && codes.has(hex(row.code.lookup)))) return "taken";
        for (const evicted of placement.evict) remove(evicted, undo);
        insert(row, undo);
        return placement.outcome;
      }),
    find: (lookup) => run(() => rows.get(hex(lookup)) ?? rows.get(codes.get(hex(lookup)) ?? "") ?? null),
    delivered: (lookup, accepted, replace) =>
      run((undo) => {
        change(lookup, { delivery: accepted ? "accepted" : "failed" });
        const row = rows.get(hex(lookup));
        if (!row || !replace) return;
        for (const replaced of replacedBy(row, ofAccount(accountOf(row)), replace.maxLive))
          remove(replaced, undo);
      }),
    liveOf: (userId, { scope, now }) =>
      run(() =>
        ofAccount(accountOf({ userId, scope }))
          .filter((row) => row.expiresAt > now)
          .sort((a, b) => a.createdAt - b.createdAt || compare(hex(a.lookup), hex(b.lookup))),
      ),
    lease: (lookup, until, now) =>
      run(() => change(lookup, { leasedUntil: until }, (row) => row.leasedUntil <= now)),
    renew: (lookup, until, held) =>
      run(() => change(lookup, { leasedUntil: until }, (row) => row.leasedUntil === held)),
    release: (lookup, until) =>
      run(() => void change(lookup, { leasedUntil: 0 }, (row) => row.leasedUntil === until)),
    finish: (lookup, context) =>
      run((undo) => {
        const row = rows.get(hex(lookup));
        if (!row) return false;
        if (context?.leasedUntil !== undefined && context.leasedUntil !== row.leasedUntil) return false;
        remove(row, undo);
        return true;
      }, context),
    removeByUser: (userId, context) =>
      run((undo) => {
        const { scope, before = Infinity } = context;
        const own = ofAccount(accountOf({ userId, scope })).filter((row) => row.createdAt < before);
        for (const row of own) remove(row, undo);
        return own.length;
      }, context),
    removeExpired: (now, limit) =>
      run((undo) => {
        const over = some(rows.values(), limit, (row) => row.expiresAt < now);
        for (const row of over) remove(row, undo);
        return over.length;
      }),
    list: ({ after, limit }) =>
      run(() => {
        const rest = [...rows].filter(([lookup]) => !after || lookup > hex(after));
        rest.sort(([a], [b]) => compare(a, b));
        return rest.slice(0, limit).map(([, row]) => row);
      }),
  };
}

function accountOf({ userId, scope }: Pick<TokenRow, "userId" | "scope">): string {
  return JSON.stringify([scope, writeUserId(userId)]);
}
