import type { InTransaction } from "../../ports.js";

/** What takes back the changes of a transaction, in their order: the handle of the memory store. */
export type Undo = (() => void)[];

/** Runs a step that has no pause in it, and is atomic for that. */
export type Run = <T>(step: (undo: Undo) => T, context?: InTransaction) => Promise<T>;

/** Steps of parts that stand alone, without transactions. */
export const atOnce: Run = async (step) => step([]);

/** Sets, or with `undefined` removes, and notes how to take it back. */
export function put<T>(map: Map<string, T>, key: string, value: T | undefined, undo: Undo): void {
  const before = map.get(key);
  const set = (one: T | undefined) => void (one === undefined ? map.delete(key) : map.set(key, one));
  undo.push(() => set(before));
  set(value);
}

/** The first `limit` values that are wanted. */
export function some<T>(values: Iterable<T>, limit: number, wanted: (value: T) => boolean): T[] {
  const found: T[] = [];
  for (const value of values) {
    if (found.length >= limit) break;
    if (wanted(value)) found.push(value);
  }
  return found;
}

/** Smaller texts first. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
