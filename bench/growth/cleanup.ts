import { fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { passwordReset } from "resetkit";
import type { Store } from "resetkit/types";
import { summary, type Summary } from "./figures.js";
import { open, type Place } from "./tables.js";

export interface Cleanup {
  readonly removed: number;
  readonly seconds: number;
  /** How long each batch stopped this process: SQLite's drivers do not wait, they work. */
  readonly stops: Summary;
  /** The same in time of the processor: without what the machine gave to others meanwhile. */
  readonly work: Summary;
  /** How late a timer of 1 ms fired in this process. */
  readonly lateness: Summary;
  readonly batches: Summary;
  readonly inserts: Summary;
}

/** What the other process sees while nothing is cleared. */
export async function idle(place: Place, seconds: number): Promise<Summary> {
  const { inserts } = await withInserter(place, () => pause(seconds * 1_000));
  return inserts;
}

/** Clears what is over, by the engine, while another process inserts. */
export async function cleanup(place: Place, now: number): Promise<Cleanup> {
  const { store, close } = open(place);
  const times = { stops: [] as number[], work: [] as number[], batches: [] as number[] };
  const reset = passwordReset({
    users: {
      findByIdentifier: () => null,
      findById: () => null,
      stateOf: () => [],
      setPassword: () => false,
      revokeSessions: "none",
    },
    secret: "a secret of the benchmark: 0123456789 abcdefghijklmnopqrstuvwxyz",
    store: { ...store, tokens: { ...store.tokens, removeExpired: timed(store, times) } },
    url: "https://app.example.com/reset/{token}",
    deliver: () => undefined,
    worker: "outside",
    clock: () => now,
  });
  const { result, inserts } = await withInserter(place, async () => {
    const lateness = latenessUntilStopped();
    const startedAt = performance.now();
    const { removed } = await reset.clearExpired();
    return { removed, seconds: (performance.now() - startedAt) / 1_000, lateness: lateness.stop() };
  });
  await close();
  const { stops, work, batches } = times;
  return { ...result, stops: summary(stops), work: summary(work), batches: summary(batches), inserts };
}

function timed(
  { tokens }: Store,
  { stops, work, batches }: Record<"stops" | "work" | "batches", number[]>,
): Store["tokens"]["removeExpired"] {
  return async (now, limit) => {
    const usage = process.cpuUsage();
    const startedAt = performance.now();
    const removing = tokens.removeExpired(now, limit);
    stops.push(performance.now() - startedAt);
    const { user, system } = process.cpuUsage(usage);
    work.push((user + system) / 1_000);
    const removed = await removing;
    batches.push(performance.now() - startedAt);
    return removed;
  };
}

function latenessUntilStopped(): { stop(): Summary } {
  const late: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - last - 1));
    last = now;
  }, 1);
  return {
    stop() {
      clearInterval(timer);
      return summary(late);
    },
  };
}

/** Works while another process inserts, and gives what that one noted. */
export async function withInserter<T>(
  place: Place,
  work: () => Promise<T>,
): Promise<{ result: T; inserts: Summary }> {
  const child = fork(resolve("bench/dist/bench/growth/inserter.js"), { execArgv: [] });
  child.send(place);
  await once(child, "message");
  await pause(1_000);
  const result = await work();
  const figures = once(child, "message");
  child.send("stop");
  const [inserts] = (await figures) as [Summary];
  return { result, inserts };
}
