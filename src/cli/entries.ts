import type { QueuedEntry, RequestQueue, Store } from "../types.js";
import { UsageError } from "./terminal.js";

/** The queue of the configuration's store. */
export function queueOf({ queue }: Store): RequestQueue {
  if (queue) return queue;
  throw new UsageError(
    "The store has no queue, so requests wait in your application's memory, where no command can see them. Use a store that has one, such as sqlStore().",
  );
}

/** An entry as JSON, for programs. */
export function shown({ id, kind, keyId, addedAt, dueAt, attempts, failure }: QueuedEntry) {
  const time = (at: number) => new Date(at).toISOString();
  return { id, kind, keyId, addedAt: time(addedAt), dueAt: time(dueAt), attempts, failure };
}

/** An entry as a line of columns, for people. */
export function line({ id, kind, addedAt, attempts, failure = "" }: QueuedEntry, now: number): string {
  const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  const columns = [id, (kind ?? "-").padEnd(7), ageOf(addedAt, now).padEnd(10), tries.padEnd(12), failure];
  return columns.join("  ").trimEnd();
}

/** `"4 minutes"`, in the largest unit that fits at least once. */
export function ageOf(at: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1_000));
  const [size, unit] = units.find(([one]) => seconds >= one) ?? [1, "second"];
  const count = Math.floor(seconds / size);
  return `${count.toLocaleString("en")} ${unit}${count === 1 ? "" : "s"}`;
}

const units = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
] as const;
