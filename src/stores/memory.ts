import { hex } from "../encoding.js";
import { makeRoom } from "../room.js";
import { createTurns } from "../turns.js";
import type {
  CounterStore,
  InTransaction,
  QueueEntry,
  RequestQueue,
  Store,
  TokenRow,
  TokenStore,
} from "../types.js";
import { writeUserId } from "../user-id.js";

/**
 * A store in this process's memory: the reference of the port, for tests, demos and tools.
 *
 * The limit: nothing outlives the process, and no other process sees it. Behind two processes every
 * throttle counts twice, and a link works in one of them alone.
 */
export function memoryStore(): Store {
  const turns = createTurns();
  const database = {};

  /** Every verb is one step without a pause, so it is atomic; beside an open transaction it waits. */
  const run: Run = (step, context) =>
    context?.transaction ? Promise.resolve(step(context.transaction as Undo)) : turns.step(() => step([]));

  return {
    tokens: { ...memoryTokens(run), database },
    counters: memoryCounters(run),
    queue: { ...memoryQueue(run), database },
    ephemeral: true,
    transaction: (work) =>
      turns.alone(async () => {
        const undo: Undo = [];
        try {
          return await work(undo);
        } catch (error) {
          for (const step of undo.reverse()) step();
          throw error;
        }
      }),
  };
}

/** What takes back the changes of a transaction, in their order: the handle of this store. */
type Undo = (() => void)[];
type Run = <T>(step: (undo: Undo) => T, context?: InTransaction) => Promise<T>;

function memoryTokens(run: Run): TokenStore {
  const rows = new Map<string, TokenRow>();
  /** The lookup of the row that a code belongs to. */
  const codes = new Map<string, string>();
  /** The lookups of an account's rows. */
  const accounts = new Map<string, readonly string[]>();

  const ofAccount = (name: string) => (accounts.get(name) ?? []).map((lookup) => rows.get(lookup)!);

  const insert = (row: TokenRow, undo: Undo) => {
    const lookup = hex(row.lookup);
    const name = accountOf(row);
    put(rows, lookup, row, undo);
    put(accounts, name, [...(accounts.get(name) ?? []), lookup], undo);
    if (row.code) put(codes, hex(row.code.lookup), lookup, undo);
  };

  const remove = (row: TokenRow, undo: Undo) => {
    const lookup = hex(row.lookup);
    const name = accountOf(row);
    const others = accounts.get(name)!.filter((other) => other !== lookup);
    put(rows, lookup, undefined, undo);
    put(accounts, name, others.length > 0 ? others : undefined, undo);
    if (row.code) put(codes, hex(row.code.lookup), undefined, undo);
  };

  /** Changes a row where it is there and `allowed`; says whether. */
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
        const victims = makeRoom(ofAccount(accountOf(row)), rule);
        if (victims === "over_cap") return "over_cap";
        if (rows.has(hex(row.lookup)) || (row.code && codes.has(hex(row.code.lookup)))) return "taken";
        for (const victim of victims) remove(victim, undo);
        insert(row, undo);
        return "stored";
      }),
    find: (lookup) => run(() => rows.get(hex(lookup)) ?? rows.get(codes.get(hex(lookup)) ?? "") ?? null),
    delivered: (lookup, accepted) =>
      run(() => void change(lookup, { delivery: accepted ? "accepted" : "failed" })),
    liveOf: (userId, { scope, now }) =>
      run(() =>
        ofAccount(accountOf({ userId, scope }))
          .filter((row) => row.expiresAt > now)
          .sort((a, b) => a.createdAt - b.createdAt || compare(hex(a.lookup), hex(b.lookup))),
      ),
    lease: (lookup, until, now) =>
      run(() => change(lookup, { leasedUntil: until }, (row) => row.leasedUntil <= now)),
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
        const own = ofAccount(accountOf({ userId, scope: context.scope }));
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
        const rest = [...rows.keys()].filter((lookup) => !after || lookup > hex(after)).sort(compare);
        return rest.slice(0, limit).map((lookup) => rows.get(lookup)!);
      }),
  };
}

function memoryCounters(run: Run): CounterStore {
  const windows = new Map<string, { readonly count: number; readonly resetAt: number }>();
  return {
    hit: (key, { per, by = 1, now }) =>
      run(() => {
        const open = windows.get(key);
        const over = !open || open.resetAt <= now;
        const { count, resetAt } = over ? { count: 0, resetAt: now + per } : open;
        const next = { count: Math.max(0, count + by), resetAt };
        if (!over || by > 0) windows.set(key, next);
        return next;
      }),
    removeExpired: (now, limit) =>
      run(() => {
        const over = some(windows.entries(), limit, ([, window]) => window.resetAt < now);
        for (const [key] of over) windows.delete(key);
        return over.length;
      }),
  };
}

function memoryQueue(run: Run): RequestQueue {
  const entries = new Map<string, QueueEntry>();
  return {
    add: (entry, context) => run((undo) => put(entries, entry.id, entry, undo), context),
    lease: (limit, now, until) =>
      run(() => {
        const due = [...entries.values()]
          .filter((entry) => entry.dueAt <= now)
          .sort((a, b) => a.dueAt - b.dueAt || compare(a.id, b.id))
          .slice(0, limit);
        for (const entry of due) entries.set(entry.id, { ...entry, dueAt: until });
        return due;
      }),
    done: (id, context) => run((undo) => put(entries, id, undefined, undo), context),
    retry: (id, at) =>
      run(() => {
        const entry = entries.get(id);
        if (entry) entries.set(id, { ...entry, dueAt: at });
      }),
    removeExpired: (before, limit) =>
      run(() => {
        const over = some(entries.values(), limit, (entry) => entry.addedAt < before);
        for (const { id } of over) entries.delete(id);
        return over.length;
      }),
  };
}

/** Sets, or with `undefined` removes, and notes how to take it back. */
function put<T>(map: Map<string, T>, key: string, value: T | undefined, undo: Undo): void {
  const before = map.get(key);
  const set = (one: T | undefined) => void (one === undefined ? map.delete(key) : map.set(key, one));
  undo.push(() => set(before));
  set(value);
}

function some<T>(values: Iterable<T>, limit: number, wanted: (value: T) => boolean): T[] {
  const found: T[] = [];
  for (const value of values) {
    if (found.length >= limit) break;
    if (wanted(value)) found.push(value);
  }
  return found;
}

function accountOf({ userId, scope }: Pick<TokenRow, "userId" | "scope">): string {
  return JSON.stringify([scope, writeUserId(userId)]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
