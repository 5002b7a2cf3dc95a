/**
 * The metrics and where their values come from. Shared by all metrics systems.
 *
 * @module
 */
import { observersOf, operationsOf } from "../engine/inner.js";
import type { Observer, Step } from "../engine/observers.js";
import { ResetError } from "../errors.js";
import type { PasswordReset, QueueStats } from "../types.js";

/** Labels have values from closed sets, so none can contain an account, an email address, or a token. */
export type Labels = Readonly<Record<string, string>>;

export type CounterName = keyof typeof counters;
export type TimerName = keyof typeof timers;

/** The counters, with their labels. */
export const counters = {
  resets: { help: "Passwords that were reset.", labels: [] },
  refusals: {
    help: "Calls that were rejected, and requests that ended without an email, by reason.",
    labels: ["stage", "reason"],
  },
  deliveries: { help: "Messages that the transport accepted, by kind.", labels: ["kind"] },
  failures: {
    help: "Operations that should have worked and failed. final: not retried.",
    labels: ["what", "final"],
  },
  alarms: { help: "Events that an operator should look into.", labels: ["what"] },
  admin_actions: { help: "Actions of administrators on the admin pages.", labels: ["action"] },
} as const;

/** The durations, in seconds, with their labels. */
export const timers = {
  call: { help: "Calls of request, validate, confirm, issueFor, and revoke.", labels: ["call", "outcome"] },
  delivery: { help: "Attempts to deliver a message.", labels: ["outcome"] },
  hash: { help: "Calls of users.hashPassword.", labels: ["outcome"] },
} as const;

/** The gauges. Their values are read when metrics are read. */
export const gauges = {
  queue_waiting: "Queue entries that are due and that no worker has leased.",
  queue_oldest_age: "Seconds since the oldest of them was added, or 0 if there are none.",
} as const;

/** Upper bounds of the buckets, in seconds: from an in-memory lookup to a mail server that hangs. */
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
        // Work for a decoy isn't a delivery.
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

/** Reads the gauges. Resolves to `null` if the queue can't be reached, so that the other metrics can still be read. */
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

/** An invalid token isn't an error of `validate`, which resolves to false. */
export function outcomeOf(step: Step, result: unknown): string {
  return step === "validate" && result === null ? "invalid_token" : "ok";
}

/** The code of a `ResetError`, otherwise a constant: a driver's message may quote the values that it was passed. */
export function failureOf(error: unknown): string {
  return error instanceof ResetError ? error.code : "error";
}
