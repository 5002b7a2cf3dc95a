import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { place } from "../../test/servers/place.js";
import { cores, spentByAll, spentByEndedChildren, spentByTree } from "./machine.js";

/** What came of one load. */
export interface Slice {
  readonly answers: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that were not the expected ones, and requests that got none. */
  readonly wrong: number;
  /** One of the wrong answers. */
  readonly example: string;
  /** Figures that only some loads have. */
  readonly more?: Readonly<Record<string, number>>;
}

/** One of the systems that take turns. */
export interface Contestant {
  readonly name: string;
  load(): Promise<Slice>;
  /** Milliseconds of processor time that its processes have used so far. */
  spent(): Promise<number>;
  /** … that the processes of the load have used; where they end with it, nothing. */
  spentByLoad?(): Promise<number>;
  /** Puts the database back, where the load changes it. */
  restore?(): Promise<void>;
  /** Looks whether the database shows the work that was answered for; what is wrong, if something is. */
  check?(slice: Slice): Promise<string | undefined>;
}

/** What a system did in one round. */
export interface Turn {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds of processor time for one answer: of the system's processes, and of the database server's. */
  readonly cpu: number;
  readonly databaseCpu: number;
  readonly more: Readonly<Record<string, number>>;
}

export interface Rounds {
  /** Of each system, by its name, in the rounds that count. */
  readonly turns: Readonly<Record<string, readonly Turn[]>>;
  readonly counted: number;
  /** Thrown away since other programs, or the machine's host, took too much. */
  readonly disturbed: number;
  /** Turns whose round was thrown away since an answer was wrong. */
  readonly wrong: number;
  /** The greatest share of the machine that others took in a round that counts. */
  readonly others: number;
}

export interface Plan {
  readonly rounds: number;
  readonly warmUps: number;
  /** A round counts where others took less of the machine's processor time than this, in every turn. */
  readonly mostOthers: number;
}

interface Measured extends Turn {
  readonly others: number;
  readonly wrong: number;
}

/**
 * Lets the systems take turns, in the opposite order in every other round. Runs at most twice the rounds asked
 * for; where too few of them were undisturbed, the quietest ones count.
 */
export async function takeTurns(contestants: readonly Contestant[], plan: Plan): Promise<Rounds> {
  const rounds: Measured[][] = [];
  let wrong = 0;
  const others = (round: readonly Measured[]) => Math.max(...round.map((turn) => turn.others));
  const quiet = () => rounds.filter((round) => others(round) < plan.mostOthers);
  for (let n = -plan.warmUps; n < 2 * plan.rounds && quiet().length < plan.rounds; n++) {
    const round: Measured[] = [];
    for (const one of n % 2 ? contestants.toReversed() : contestants) {
      round[contestants.indexOf(one)] = await measure(one);
    }
    const bad = round.filter((turn) => turn.wrong > 0).length;
    wrong += bad;
    if (wrong > plan.rounds) throw new Error("Too many answers were wrong: see the examples above.");
    if (n >= 0 && bad === 0) rounds.push(round);
  }
  const byNoise = rounds.toSorted((a, b) => others(a) - others(b));
  const kept = byNoise.slice(0, Math.max(quiet().length, Math.min(plan.rounds, 5)));
  return {
    turns: Object.fromEntries(
      contestants.map(({ name }, index) => [name, kept.map((round) => round[index]!)]),
    ),
    counted: kept.length,
    disturbed: rounds.length - kept.length,
    wrong,
    others: Math.max(...kept.map(others)),
  };
}

/**
 * Waits until a system is at rest. wrk leaves at the end of its time, and what it asked for last is still worked
 * on: that must not meet the tables while they are put back, nor disturb whoever is next.
 */
async function rest({ spent }: Contestant): Promise<void> {
  const until = performance.now() + 10_000;
  for (let last = await spent(); performance.now() < until;) {
    await pause(60);
    const now = await spent();
    if (now - last < 5) return;
    last = now;
  }
}

async function measure(one: Contestant): Promise<Measured> {
  await one.restore?.();
  await pause(50);
  const databaseServer = await databaseProcess();
  const look = async () => {
    const { user, system } = process.cpuUsage();
    const ourselves = (user + system) / 1000;
    return {
      system: await one.spent(),
      database: databaseServer ? spentByTree(databaseServer) : 0,
      load: ourselves + spentByEndedChildren() + ((await one.spentByLoad?.()) ?? 0),
      all: spentByAll(),
      at: performance.now(),
    };
  };
  const before = await look();
  const slice = await one.load();
  const after = await look();
  await rest(one);
  const problem =
    slice.wrong > 0 ? `${slice.wrong} wrong answers, such as ${slice.example}` : await one.check?.(slice);
  if (problem) console.error(`${one.name}: ${problem}`);
  const { answers, seconds, p50, p99, more = {} } = slice;
  const cpu = after.system - before.system;
  const databaseCpu = after.database - before.database;
  const others = after.all - before.all - cpu - databaseCpu - (after.load - before.load);
  return {
    perSecond: answers / seconds,
    p50,
    p99,
    cpu: cpu / answers,
    databaseCpu: databaseCpu / answers,
    more,
    others: Math.max(0, others) / ((after.at - before.at) * cores),
    wrong: problem ? 1 : 0,
  };
}

/** The guard of the PostgreSQL that this run has started, if it has. */
async function databaseProcess(): Promise<number | undefined> {
  const file = join(place().folder, "postgres.pid");
  return existsSync(file) ? Number(await readFile(file, "utf8")) : undefined;
}
