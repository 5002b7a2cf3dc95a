import type { InTransaction } from "../../ports.js";

/** What undoes the changes of a transaction, in the order of the changes: the memory store's transaction handle. */
export type Undo = (() => void)[];

/** Runs a synchronous step, which is therefore atomic. */
export type Run = <T>(step: (undo: Undo) => T, context?: InTransaction) => Promise<T>;

/** Runs the steps of parts that are used alone, without transactions. */
export const atOnce: Run = async (step) => step([]);

/** Sets a value, or removes it with `undefined`, and records how to undo that. */
export function put<T>(map: Map<string, T>, key: string, value: T | undefined, undo: Undo): void {
  const before = map.get(key);
  const set = (one: T | undefined) => void (one === undefined ? map.delete(key) : map.set(key, one));
  undo.push(() => set(before));
  set(value);
}

/** The first `limit` values that `wanted` accepts. */
export function some<T>(values: Iterable<T>, limit: number, wanted: (value: T) => boolean): T[] {
  const found: T[] = [];
  for (const value of values) {
    if (found.length >= limit) break;
    if (wanted(value)) found.push(value);
  }
  return found;
}

/** Smaller strings first. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
