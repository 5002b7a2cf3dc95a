import type { CounterStore } from "../../ports.js";
import { atOnce, some, type Run } from "./undo-log.js";

/** Windows in a map, for this process only. */
export function memoryCounters(run: Run = atOnce): CounterStore {
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
    removeByPrefix: (prefix, limit) =>
      run(() => {
        const found = some(windows.keys(), limit, (key) => key.startsWith(prefix));
        for (const key of found) windows.delete(key);
        return found.length;
      }),
  };
}
