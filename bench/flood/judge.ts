import { type Plan, refusedOf, target, victimsOf } from "./plan.js";
import type { Outcome } from "./run.js";

/** An owner's email leaves within this, in milliseconds. */
export const soon = 5_000;
/** How much more memory the process may take while it's flooded, in megabytes. */
export const roomFor = 256;
/** Rows of rate limits that one request leaves at most: per IP address, per identifier, per /48, and its place in the queue. */
const countersPerRequest = 5;

/** How long each owner waited, in milliseconds; `Infinity` without an email. */
export function delaysOf({ owners, seen }: Outcome): number[] {
  return owners.map(({ email, askedAt }) => (seen.mails[email] ?? Infinity) - askedAt).sort((a, b) => a - b);
}

/** Sentences that say which promise was broken; empty if all were kept. */
export function broken(plan: Plan, outcome: Outcome, latest = soon): string[] {
  const { statuses, withoutWait, owners, seen } = outcome;
  const { most, after, cleaned, memory, events } = seen;
  const refused = statuses["429"] ?? 0;
  const told = (name: string) => events[name] ?? 0;
  const others = Object.keys(statuses).filter((status) => status !== "200" && status !== "429");
  // The same failure, of however many.
  const failures = [
    ...new Set(
      Object.keys(events)
        .filter((name) => name.startsWith("failed"))
        .map((name) => name.replace(/\b\d+ queued/, "some queued")),
    ),
  ];
  const slowest = delaysOf(outcome).at(-1)!;
  const ownersRefused = owners.filter(({ status }) => status !== "200").length;
  // Then each network may only add 30 requests a minute, so more than that is refused.
  const isCrowded = most.queue >= plan.maxWaiting / 100;
  const accounts = victimsOf(plan) + owners.length + 1;
  const checks: readonly [boolean, string][] = [
    [ownersRefused === 0, `owners were refused: ${ownersRefused}`],
    [slowest <= latest, `an owner's email took ${slowest === Infinity ? "too long" : `${slowest} ms`}`],
    [seen.mails[target] !== undefined, "the owner who was flooded got no email"],
    [refused >= refusedOf({ ...plan, throttles: "fair" }), `only ${refused} requests were refused`],
    [
      plan.throttles === false || isCrowded || refused === refusedOf(plan),
      `${refused} were refused, not ${refusedOf(plan)}`,
    ],
    [
      told("request throttled") === refused + ownersRefused,
      `${told("request throttled")} events for ${refused + ownersRefused} refusals`,
    ],
    [withoutWait === 0, `${withoutWait} refusals without Retry-After`],
    [others.length === 0, `answers with ${others.join(", ")}`],
    [failures.length === 0, failures.join(", ")],
    [most.queue <= plan.maxWaiting / 10, `${most.queue} requests waited`],
    [after.queue === 0, `${after.queue} requests were left`],
    [most.tokens <= 3 * accounts, `${most.tokens} tokens for ${accounts} accounts`],
    [most.counters <= countersPerRequest * plan.requests, `${most.counters} counters`],
    [Object.values(cleaned).every((rows) => rows === 0), `rows a week later: ${JSON.stringify(cleaned)}`],
    [memory.most - memory.before <= roomFor, `${(memory.most - memory.before).toFixed(0)} MB more memory`],
  ];
  return checks.filter(([isKept]) => !isKept).map(([, sentence]) => sentence);
}
