/**
 * The three endpoints beside handlers by hand and Better Auth: the part `http` of `npm run bench`.
 *
 * @module
 */
import { table } from "./evidence.js";
import { type Arena, baseline, hold } from "./http/contest.js";
import { contests } from "./http/contests.js";
import { fill } from "./http/databases.js";
import { figure, of, ratio, withRange } from "./http/figures.js";
import { betterAuthPackages } from "./http/packages.js";
import type { Rounds } from "./http/rounds.js";
import type { DatabaseName } from "./http/system.js";

export interface HttpChoice {
  /** Names of contests; empty: all. */
  readonly contests: readonly string[];
  readonly isQuick: boolean;
  /** A folder for profiles of the servers' processor time. */
  readonly profiles: string | undefined;
}

/** The rounds of each contest, by its name. */
export type HttpResults = Readonly<Record<string, Rounds | undefined>>;

/** Users, each with one token: more than the fastest system uses up in a turn. */
export const people = 30_000;
/** The share of the machine that others may take in a round that counts. */
export const mostOthers = 0.15;

export async function fillAll(database: DatabaseName): Promise<Arena> {
  const packages = await betterAuthPackages();
  const templates = {
    bare: await fill("bare", database, people, packages),
    resetkit: await fill("resetkit", database, people, packages),
    "better-auth": await fill("better-auth", database, people, packages),
  };
  return { database, packages, templates, profiles: undefined };
}

/** Holds one contest after the other; what each found is given on at once, in case a later one fails. */
export async function measureHttp(
  arena: Arena,
  choice: HttpChoice,
  onResult: (name: string, rounds: Rounds) => Promise<void>,
): Promise<void> {
  for (const contest of contests) {
    const { name, rounds, warmUps } = contest;
    if (choice.contests.length > 0 && !choice.contests.includes(name)) continue;
    const plan = choice.isQuick ? { rounds: 3, warmUps: 1, mostOthers: 1 } : { rounds, warmUps, mostOthers };
    const held = await hold(contest, plan, { ...arena, profiles: choice.profiles });
    console.log(`\n${name}, ${arena.database}\n\n${httpTable(held)}`);
    await onResult(name, held);
  }
}

export function httpTable(rounds: Rounds): string {
  const names = Object.keys(rounds.turns);
  const extras = Object.keys(rounds.turns[names[0]!]![0]!.more);
  const text = table(
    ["system", "a second", "of bare", "p50 / p99 ms", "CPU ms", "CPU of bare", "database CPU ms", ...extras],
    names.map((name) => [
      name,
      withRange(of(rounds, name, "perSecond"), 1),
      withRange(ratio(rounds, name, baseline), 3),
      `${figure(of(rounds, name, "p50").median)} / ${figure(of(rounds, name, "p99").median)}`,
      withRange(of(rounds, name, "cpu"), 3),
      ratio(rounds, name, baseline, "cpu").median.toFixed(2),
      figure(of(rounds, name, "databaseCpu").median),
      ...extras.map((extra) => figure(of(rounds, name, (turn) => turn.more[extra]!).median)),
    ]),
  );
  const { counted, disturbed, wrong, others } = rounds;
  return `${text}

${counted} rounds count, ${disturbed} were disturbed, ${wrong} turns had wrong answers. Others took at most ${(others * 100).toFixed(0)} % of the machine in those that count.`;
}
