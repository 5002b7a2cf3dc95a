import { loadavg } from "node:os";
import { minute } from "../evidence.js";
import { type Class, classes, controls, type Kind, kinds } from "./classes.js";
import type { Measured, Plan, Times } from "./measure.js";
import { type Comparison, compare, median } from "./statistics.js";

export interface Pair extends Comparison {
  readonly a: Kind;
  readonly b: Kind;
}

/** One series of times: every pair of classes, and `known` against each control. */
export interface Side {
  readonly medians: Readonly<Record<Kind, number>>;
  readonly pairs: readonly Pair[];
  readonly controls: readonly Pair[];
}

/** What a run found, fit to be kept. */
export interface Result extends Omit<Plan, "place"> {
  readonly database: string;
  readonly version: string;
  readonly date: string;
  /** Average load of the machine at the end, by the bench itself and by others. */
  readonly load: number;
  readonly seconds: number;
  readonly response: Side;
  readonly next: Side;
  /** Only where the worker was watched. */
  readonly held?: Side;
  /** Sentences that say why the run counts for nothing; empty where it counts. */
  readonly void: readonly string[];
}

/** How far from 0.5 a whole interval may reach. */
export const bandOf = (worker: Plan["worker"]): number => (worker === "outside" ? 0.02 : 0.05);

export function judge(plan: Plan, measured: Measured, band = bandOf(plan.worker)): Result {
  const { place, ...how } = plan;
  const { version, seconds } = measured;
  const [response, next] = [sideOf(measured.response), sideOf(measured.next)];
  const held = measured.held && sideOf(measured.held);
  const date = minute();
  // Being watched has few rounds, so an interval is wide.
  const reaches = (pair: Pair) => (plan.probe === "watch" ? isSeen(pair) : reachOf(pair) > band);
  const causes = [
    ...controlsAmiss("the response", response, reaches, ["planted"]),
    // 300 µs right after the answer need not be the longest wait until the tick is over, and 100 µs are little of all waits.
    ...controlsAmiss("the next request", next, reaches, held ? ["planted"] : ["planted", "late"]),
    ...(held ? controlsAmiss("all that came next", held, reaches, ["late"]) : []),
    ...workAmiss(plan, measured),
  ];
  const load = loadavg()[0]!;
  const sides = { response, next, ...(held && { held }) };
  return { ...how, database: place.database, version, date, load, seconds, ...sides, void: causes };
}

/**
 * Whether every interval lies where it must. Where the worker is watched those of the longest wait do, but for several
 * accounts behind one address: these are several mails, which can be counted.
 */
export function isMet({ worker, response, next, held }: Result): boolean {
  const pairs = held ? next.pairs.filter(isOfOneMail) : [...response.pairs, ...next.pairs];
  return pairs.every((pair) => reachOf(pair) <= bandOf(worker));
}

export function isOfOneMail({ a, b }: Pair): boolean {
  return a !== "several accounts" && b !== "several accounts";
}

/** How far from 0.5 the interval of a pair reaches. */
export function reachOf({ low, high }: Comparison): number {
  return Math.max(0.5 - low, high - 0.5);
}

/** The pair whose interval reaches farthest. */
export function worstOf(pairs: readonly Pair[]): Pair {
  return pairs.reduce((worst, pair) => (reachOf(pair) > reachOf(worst) ? pair : worst));
}

export function isSeen({ low, high }: Comparison): boolean {
  return low > 0.5 || high < 0.5;
}

function sideOf(times: Times): Side {
  const pairs = classes.flatMap((a, index) => classes.slice(index + 1).map((b) => pairOf(times, a, b)));
  return {
    medians: Object.fromEntries(kinds.map((kind) => [kind, median(times[kind])])) as Record<Kind, number>,
    pairs,
    controls: controls.map((control) => pairOf(times, "known", control)),
  };
}

function pairOf(times: Times, a: Class, b: Kind): Pair {
  return { a, b, ...compare(times[a], times[b]) };
}

function controlsAmiss(
  where: string,
  side: Side,
  reaches: (again: Pair) => boolean,
  mustShow: readonly Kind[],
): string[] {
  return side.controls.flatMap((control) => {
    if (control.b === "again" && reaches(control)) {
      return [`known differs from itself on ${where}`];
    }
    if (mustShow.includes(control.b) && !isSeen(control)) return [`"${control.b}" is not seen on ${where}`];
    return [];
  });
}

/** Whether each class was what its name says: the events tell, and every answer must be the same to the byte. */
function workAmiss({ rounds, warmUp }: Plan, { answers, ended, left }: Measured): string[] {
  const all = rounds + warmUp;
  const told = (name: string) => ended.reduce((sum, { events }) => sum + (events[name] ?? 0), 0);
  const log = ended.flatMap((one) => one.log);
  // An account that is over its cap is looked at again later where its request has waited for 0.8 s.
  const capped = told("over_cap") + left;
  const checks: readonly [boolean, string][] = [
    [answers.length === 1, `${answers.length} different answers`],
    [told("delivered") === 6 * all, `${told("delivered")} mails, and not ${6 * all}`],
    [told("unknown_account") === all, `${told("unknown_account")} without an account, and not ${all}`],
    [told("not_eligible") === 2 * all, `${told("not_eligible")} not eligible, and not ${2 * all}`],
    [capped === all, `${told("over_cap")} over the cap and ${left} put off, and not ${all}`],
    [left <= all / 20, `${left} were put off: the worker did not keep up`],
    [log.length === 0, `the log says: ${log[0]}`],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, cause]) => cause);
}
