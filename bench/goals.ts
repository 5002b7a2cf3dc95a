/**
 * The goals, and which of them are met: the first table of docs/evidence/benchmarks.md.
 *
 * @module
 */
import type { Figures as GrowthFigures } from "./growth.js";
import type { HttpResults } from "./http.js";
import type { Bursts } from "./http/bursts.js";
import {
  bare,
  bareFastify,
  betterAuth,
  hashAlone,
  inThreads,
  onFastify,
  onNode,
  type System,
  unlimited,
  workerInside,
  workerOutside,
} from "./http/contests.js";
import { type Measure, of, ratio, type Spread, withRange } from "./http/figures.js";
import type { Rounds } from "./http/rounds.js";
import type { DatabaseName } from "./http/system.js";
import type { Size } from "./sizes.js";
import type { StartResults } from "./start.js";
import type { TokenFigures } from "./tokens.js";

export interface Goal {
  readonly workload: string;
  readonly goal: string;
  readonly figure: string;
  readonly met: boolean;
}

/** Where the hashes are computed: by default, or as docs/hashing.md has it. */
const hashers = [
  ["as it comes", onNode],
  ["hashes in threads", inThreads],
] as const;

type Check = (value: number) => boolean;
const atLeast =
  (limit: number): Check =>
  (value) =>
    value >= limit;
const atMost =
  (limit: number): Check =>
  (value) =>
    value <= limit;

function goal(workload: string, text: string, value: Spread, check: Check): Goal {
  return { workload, goal: text, figure: withRange(value), met: check(value.median) };
}

/** Of two systems of one contest, where both took part. */
type Beside = readonly [System, System];

function compare(
  rounds: Rounds | undefined,
  [one, other]: Beside,
  what: Measure = "perSecond",
): Spread | undefined {
  if (!rounds?.turns[one.name] || !rounds.turns[other.name]) return undefined;
  return ratio(rounds, one.name, other.name, what);
}

export function httpGoals(results: HttpResults, database: DatabaseName): Goal[] {
  const goals: Goal[] = [];
  const add = (workload: string, text: string, value: Spread | undefined, check: Check) => {
    if (value) goals.push(goal(`${workload}, ${database}`, text, value, check));
  };
  const least = database === "postgres" ? 1 : 0.9;
  add(
    "request, answered",
    `at least ${least.toFixed(2)} of bare`,
    compare(results.request, [onNode, bare]),
    atLeast(least),
  );
  for (const worker of [workerInside, workerOutside]) {
    add(
      `request to mail, ${worker.name.replace("resetkit, ", "")}`,
      "processor time: bare at least 0.50 of ours",
      compareAllCpu(results.mail, [bare, worker]),
      atLeast(0.5),
    );
  }
  for (const [name, contest] of [
    ["validate", "validate"],
    ["invalid token", "invalid"],
  ] as const) {
    add(name, "at least 0.90 of bare", compare(results[contest], [onNode, bare]), atLeast(0.9));
    add(
      `${name}, Fastify`,
      "at least 0.90 of a bare Fastify route",
      compare(results[contest], [onFastify, bareFastify]),
      atLeast(0.9),
    );
  }
  add("confirm, no hash", "at least 0.70 of bare", compare(results.confirm, [onNode, bare]), atLeast(0.7));
  for (const [name, system] of hashers) {
    add(
      `confirm, argon2id, ${name}`,
      "at least 0.85 of the hash alone",
      compare(results.argon2id, [system, hashAlone]),
      atLeast(0.85),
    );
  }
  for (const contest of ["request", "validate"] as const) {
    add(
      `${contest}, Better Auth`,
      "at least 10 times as many",
      compare(results[contest], [onNode, betterAuth]),
      atLeast(10),
    );
    add(
      `${contest}, Better Auth`,
      "at most 0.10 of its processor time",
      compare(results[contest], [onNode, betterAuth], "cpu"),
      atMost(0.1),
    );
  }
  const { isolation } = results;
  if (isolation) {
    const growth = ({ name }: System) => of(isolation, name, ({ more }) => more.growth!);
    const others = [bare, betterAuth]
      .map((system) => `${system.name} ${growth(system).median.toFixed(1)}`)
      .join(", ");
    for (const [name, system] of hashers) {
      const own = goal(
        `validate p99 beside confirms, ${name}, ${database}`,
        "at most 1.5 times its p99 without them",
        growth(system),
        atMost(1.5),
      );
      goals.push({ ...own, figure: `${own.figure}; ${others}` });
      add(
        `confirms meanwhile, ${name}`,
        "at least 0.85 of those with unlimited hashes",
        compare(isolation, [system, unlimited]),
        atLeast(0.85),
      );
    }
  }
  return goals;
}

/** Processor time of the processes and of the database, one system's beside the other's. */
function compareAllCpu(rounds: Rounds | undefined, [one, other]: Beside): Spread | undefined {
  return compare(rounds, [one, other], ({ cpu, databaseCpu }) => cpu + databaseCpu);
}

export function burstGoals(bursts: readonly Bursts[], database: DatabaseName): Goal[] {
  const own = bursts.find(({ name }) => name === onNode.name);
  if (!own) return [];
  const others = bursts
    .filter((one) => one !== own)
    .map(({ name, hashes }) => `${name} ${hashes.toFixed(0)}`);
  const met =
    own.winners[1] === own.tokens &&
    own.hashes <= 2 &&
    Object.keys(own.statuses).every((status) => +status < 500);
  return [
    {
      workload: `${own.racers} racers with one token, ${database}`,
      goal: "one 200, no 5xx, at most 2 hashes",
      figure: `winners ${JSON.stringify(own.winners)}, statuses ${JSON.stringify(own.statuses)}, hashes ${own.hashes.toFixed(1)}; hashes of ${others.join(", ")}`,
      met,
    },
  ];
}

export function startGoals({ imports, demoAgain, demoFirst }: StartResults): Goal[] {
  const [[own, took]] = Object.entries(imports) as [[string, Spread]];
  return [
    goal(`\`${own}\``, "at most 10 ms beyond bare Node", took, atMost(10)),
    goal("demo ready, first start, ms", "at most 1,500", demoFirst, atMost(1_500)),
    goal("demo ready, later, ms", "at most 1,500", demoAgain, atMost(1_500)),
  ];
}

export function sizeGoals(sizes: readonly Size[]): Goal[] {
  const [core] = sizes;
  const theirs = sizes.at(-1)!;
  const kB = ({ gzip }: Size) => `${(gzip / 1000).toFixed(1)} kB`;
  return [
    {
      workload: "core, bundled, minified, gzip",
      goal: "at most 12 kB",
      figure: `${kB(core!)}; ${theirs.entry} ${kB(theirs)}`,
      met: core!.gzip <= 12_000,
    },
  ];
}

export function tokenGoals({ verify, make, makeInAll, perSecond, besideDjango }: TokenFigures): Goal[] {
  const one = (value: number): Spread => ({ median: value, least: value, most: value });
  const simple = (workload: string, text: string, value: number, check: Check): Goal => ({
    ...goal(workload, text, one(value), check),
    figure: value.toFixed(2),
  });
  const goals = [
    simple("signed token checked", "at least 0.50 of one raw HMAC", verify, atLeast(0.5)),
    {
      ...simple("signed token made", "at least 0.50 of one raw HMAC", make, atLeast(0.5)),
      figure: `${make.toFixed(2)}; with the mail rule, which is a throttle, ${makeInAll.toFixed(2)}`,
    },
    {
      workload: "signed token, a second",
      goal: "above 136,000",
      figure: `checked ${Math.round(perSecond.verify).toLocaleString("en")}, made ${Math.round(perSecond.make).toLocaleString("en")}`,
      met: Math.min(perSecond.verify, perSecond.make) > 136_000,
    },
  ];
  if (besideDjango === null) return goals;
  return [
    ...goals,
    simple("signed token checked, beside Django", "above 1", besideDjango, (value) => value > 1),
  ];
}

export function growthGoals(figures: readonly GrowthFigures[]): Goal[] {
  return figures.flatMap(({ database, small, large, idle, cleanup: { inserts, seconds, stops } }) => {
    const grown = large.confirm.p50 / small.confirm.p50;
    const wait = database === "sqlite" ? 20 : idle.max + 10;
    const line = (workload: string, text: string, figure: string, met: boolean): Goal => ({
      workload: `${workload}, ${database}`,
      ...{ goal: text, figure, met },
    });
    return [
      line("confirm, 10⁴ to 10⁶ rows", "at most 1.3 times", grown.toFixed(2), grown <= 1.3),
      line(
        "clearing 10⁶ rows: slowest insert",
        `at most ${wait.toFixed(1)} ms`,
        `${inserts.max.toFixed(1)} ms`,
        inserts.max <= wait,
      ),
      line("clearing 10⁶ rows: total", "at most 60 s", `${seconds.toFixed(1)} s`, seconds <= 60),
      line(
        "clearing 10⁶ rows: own process stopped",
        "at most 5 ms",
        `${stops.max.toFixed(1)} ms (p99 ${stops.p99.toFixed(1)})`,
        stops.max <= 5,
      ),
    ];
  });
}
