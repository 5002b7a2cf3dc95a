/**
 * Whether anybody can tell by the clock who has an account, written to docs/evidence/timing.md:
 * `npm run bench:timing [rounds] [part …]`, or `+rounds` to measure more of what was measured. Exits with 1 where a part is void or misses its goal.
 *
 * A part takes about eight minutes with 20,000 rounds, and wants the machine for itself. What was found is kept in
 * docs/evidence/timing.json, and all times in the system's temp folder; the part `page` writes the page anew.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openPlace, place } from "../test/servers/place.js";
import { postgres } from "../test/servers/postgres.js";
import { minute, writeEvidence } from "./evidence.js";
import type { Place } from "./timing/database.js";
import { inProcess } from "./timing/in-process.js";
import { isMet, judge } from "./timing/judge.js";
import { measure, type Plan } from "./timing/measure.js";
import { keep, recall, together } from "./timing/pieces.js";
import { isAsExpected, type Kept, page } from "./timing/page.js";
import { measureGuesses } from "./timing/guesses/measure.js";
import { measureOwnMail } from "./timing/own-mail/measure.js";
import { measureWork } from "./timing/work.js";

const file = "docs/evidence/timing.json";
const usual = { tick: 10, probe: "hello", warmUp: 500, planted: 50, late: 300 } as const;
const watching = {
  worker: "inside",
  tick: 10,
  probe: "watch",
  warmUp: 50,
  planted: 100,
  late: 300,
  pace: 0,
} as const;

type Run = Omit<Plan, "place" | "rounds"> & { readonly database: Place["database"]; readonly share: number };

const runs: Readonly<Record<string, Run>> = {
  "sqlite-outside": { database: "sqlite", worker: "outside", pace: 12, share: 1, ...usual },
  "postgres-outside": { database: "postgres", worker: "outside", pace: 12, share: 1, ...usual },
  "sqlite-inside": { database: "sqlite", worker: "inside", pace: 16, share: 1, ...usual },
  "postgres-inside": { database: "postgres", worker: "inside", pace: 18, share: 1, ...usual },
  "sqlite-watched": { database: "sqlite", share: 0.05, ...watching },
  "postgres-watched": { database: "postgres", share: 0.05, ...watching },
};

const [first = "20000", ...asked] = process.argv.slice(2);
const rounds = Number(first);
const isMore = first.startsWith("+");
const parts = asked.length > 0 ? asked : [...Object.keys(runs), "work", "in-process", "own-mail", "guesses"];
let isGood = true;
let kept: Kept = existsSync(file) ? JSON.parse(await readFile(file, "utf8")) : { runs: {}, work: {} };

const close = await openPlace();
try {
  for (const part of parts) {
    if (part === "work") await work();
    else if (part === "in-process") await checks();
    else if (part.startsWith("own-mail")) await ownMail(part.slice("own-mail-".length));
    else if (part.startsWith("guesses")) await guesses(part.slice("guesses-".length));
    else if (part === "page") continue;
    else await run(part);
    await writeFile(file, `${JSON.stringify(kept)}\n`);
  }
  await writeEvidence("timing", page(kept));
} finally {
  await close();
}
if (!isGood) {
  console.error("Not all of it is as it must be.");
  process.exitCode = 1;
}

async function run(part: string): Promise<void> {
  const planned = runs[part];
  if (!planned) throw new TypeError(`There is no part ${part}: name one of ${Object.keys(runs).join(", ")}.`);
  const { database, share, ...how } = planned;
  const plan: Plan = { ...how, place: await newPlace(database, part), rounds: Math.ceil(rounds * share) };
  const earlier = isMore ? await recall(part) : undefined;
  const all = together(earlier, { plan, measured: await measure(plan) });
  await keep(part, all);
  const result = judge(all.plan, all.measured);
  const isGoalMet = isMet(result);
  console.log(
    part,
    `${result.rounds} rounds in ${result.seconds.toFixed(0)} s`,
    isGoalMet ? "met" : "missed",
    result.void,
  );
  isGood &&= isGoalMet && result.void.length === 0;
  // In the order of the plan, whichever was measured last.
  const measured = { ...kept.runs, [part]: result };
  const inOrder = Object.keys(runs).filter((name) => measured[name]);
  kept = { ...kept, runs: Object.fromEntries(inOrder.map((name) => [name, measured[name]!])) };
}

async function work(): Promise<void> {
  for (const database of ["sqlite", "postgres"] as const) {
    const found = await measureWork(await newPlace(database, "work"), Math.ceil(rounds / 10));
    kept = { ...kept, work: { ...kept.work, [database]: found } };
  }
}

async function checks(): Promise<void> {
  const findings = await inProcess(rounds);
  isGood &&= findings.every(isAsExpected);
  kept = {
    ...kept,
    inProcess: { date: minute(), rounds, findings },
  };
}

/**
 * A third of the rounds outside, where the goal is narrow, and a tenth inside. With the slow transport, a round takes nine seconds,
 * so a hundred attackers are measured at the same time. `only` names one part, such as `sqlite-inside-0`.
 */
async function ownMail(only: string): Promise<void> {
  for (const database of ["sqlite", "postgres"] as const) {
    for (const worker of ["outside", "inside"] as const) {
      for (const transport of [0, 1_000]) {
        const name = `${database}-${worker}-${transport}`;
        if (only && only !== name) continue;
        const lanes = transport === 0 ? 1 : 100;
        const plan = {
          worker,
          transport,
          lanes,
          rounds: Math.ceil(rounds / (worker === "outside" ? 3 : 10)),
        };
        const found = await measureOwnMail({ ...plan, place: await newPlace(database, `own-mail-${name}`) });
        console.log("own-mail", name, found.isMet ? "met" : "missed", found.void);
        isGood &&= found.isMet && found.void.length === 0;
        kept = { ...kept, ownMail: { ...kept.ownMail, [name]: found } };
      }
    }
  }
}

/** `only` names one database. */
async function guesses(only: string): Promise<void> {
  for (const database of ["sqlite", "postgres"] as const) {
    if (only && only !== database) continue;
    const found = await measureGuesses(await newPlace(database, "guesses"), rounds);
    for (const { what, isMet: met, void: causes } of found) {
      console.log("guesses", database, what, met ? "met" : "missed", causes);
      isGood &&= met && causes.length === 0;
    }
    kept = { ...kept, guesses: { ...kept.guesses, [database]: found } };
  }
}

async function newPlace(database: Place["database"], name: string): Promise<Place> {
  return { database, url: database === "sqlite" ? join(place().folder, `${name}.db`) : await postgres() };
}
