/**
 * What is measured, and where it comes from: the same for every system of metrics.
 *
 * @module
 */
import { observersOf, operationsOf } from "../engine/inner.js";
import type { Observer, Step } from "../engine/observers.js";
import { ResetError } from "../errors.js";
import type { PasswordReset, QueueStats } from "../types.js";

/** Labels come from closed sets: no account, address, or token can be in one. */
export type Labels = Readonly<Record<string, string>>;

export type CounterName = keyof typeof counters;
export type TimerName = keyof typeof timers;

/** What is counted, with the labels of each. */
export const counters = {
  resets: { help: "Passwords that were reset.", labels: [] },
  refusals: {
    help: "Calls that were rejected, and requests that ended without an email, by reason.",
    labels: ["stage", "reason"],
  },
  deliveries: { help: "Messages that the transport accepted, by kind.", labels: ["kind"] },
  failures: {
    help: "What should have worked and didn't. final: it isn't retried.",
    labels: ["what", "final"],
  },
  alarms: { help: "What an operator should look at.", labels: ["what"] },
  admin_actions: { help: "What administrators did on the admin pages.", labels: ["action"] },
} as const;

/** What is timed, in seconds, with the labels of each. */
export const timers = {
  call: { help: "Calls of request, validate, confirm, issueFor, and revoke.", labels: ["call", "outcome"] },
  delivery: { help: "Attempts to deliver a message.", labels: ["outcome"] },
  hash: { help: "Calls of users.hashPassword.", labels: ["outcome"] },
} as const;

/** Read when metrics are read. */
export const gauges = {
  queue_waiting: "Queue entries that are due and that no worker has taken.",
  queue_oldest_age: "Seconds since the oldest of them was added; 0 if there's none.",
} as const;

/** Bounds of the buckets, in seconds: from a look-up in memory to a mail server that hangs. */
export const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Where measurements go. */
export interface Sink {
  count(name: CounterName, labels: Labels): void;
  time(name: TimerName, labels: Labels, seconds: number): void;
}

/** Counts events and times steps until the returned function is called. `where` is named in errors. */
export function measure(reset: PasswordReset, sink: Sink, where: string): () => void {
  const undo = [
    reset.on("afterReset", () => sink.count("resets", {})),
    reset.on("refused", ({ stage, reason }) => sink.count("refusals", { stage, reason })),
    reset.on("delivered", ({ kind }) => sink.count("deliveries", { kind })),
    reset.on("failed", ({ what, final }) => sink.count("failures", { what, final: String(final) })),
    reset.on("alarm", ({ what }) => sink.count("alarms", { what })),
    reset.on("adminAction", ({ action }) => sink.count("admin_actions", { action })),
    observeSteps(
      reset,
      async (step, work) => {
        // Work on a decoy is no delivery.
        if (step === "dryRun") return work();
        const begin = performance.now();
        const { name, labels } = timerOf(step);
        const note = (outcome: string) =>
          sink.time(name, { ...labels, outcome }, (performance.now() - begin) / 1_000);
        try {
          const result = await work();
          note(outcomeOf(step, result));
          return result;
        } catch (error) {
          note(failureOf(error));
          throw error;
        }
      },
      where,
    ),
  ];
  return () => undo.forEach((end) => end());
}

/** Runs `observer` around every step until the returned function is called. */
export function observeSteps(reset: PasswordReset, observer: Observer, where: string): () => void {
  const observers = observersOf(reset, where);
  observers.push(observer);
  return () => {
    const index = observers.indexOf(observer);
    if (index >= 0) observers.splice(index, 1);
  };
}

/** Reads the gauges, or `null` if the queue can't be reached: metrics of the rest must still be readable. */
export function gaugeReader(
  reset: PasswordReset,
  where: string,
): () => Promise<Readonly<Record<keyof typeof gauges, number>> | null> {
  const operations = operationsOf(reset, where);
  return async () => {
    try {
      const { stats, now } = await operations();
      const { waiting, oldestAt }: QueueStats = await stats();
      const age = oldestAt === undefined ? 0 : Math.max(0, (now() - oldestAt) / 1_000);
      return { queue_waiting: waiting, queue_oldest_age: age };
    } catch {
      return null;
    }
  };
}

function timerOf(step: Exclude<Step, "dryRun">): { name: TimerName; labels: Labels } {
  if (step === "hash") return { name: "hash", labels: {} };
  return step === "deliver" ? { name: "delivery", labels: {} } : { name: "call", labels: { call: step } };
}

/** A token that isn't valid is no error of `validate`, which resolves to false. */
export function outcomeOf(step: Step, result: unknown): string {
  return step === "validate" && result === null ? "invalid_token" : "ok";
}

/** The code of a `ResetError`; for everything else a word, since a driver's message may quote what was given to it. */
export function failureOf(error: unknown): string {
  return error instanceof ResetError ? error.code : "error";
}
