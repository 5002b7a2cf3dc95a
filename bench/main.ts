/**
 * All benchmarks: `npm run bench [-- WORDS]`. Without words everything is run, which takes more than half an hour.
 *
 * Words choose: parts (http, profiles, bursts, start, sizes, tokens, growth, worker), contests of http (request, validate, invalid,
 * confirm, argon2id, mail, isolation) and databases (sqlite, postgres). `--quick` runs fewer and shorter rounds and
 * keeps nothing; `--profile` prints in which functions the servers spent their time.
 *
 * What a part finds is kept in docs/evidence/benchmarks.json, so that each can be run when the machine is
 * idle; the page, docs/evidence/benchmarks.md, is written of all that is kept.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { openPlace } from "../test/servers/place.js";
import { keepFigures, readKept, writeEvidence } from "./evidence.js";
import { goalsTable, page } from "./page.js";
import { burst } from "./http/bursts.js";
import { contests } from "./http/contests.js";
import { fillAll, measureHttp } from "./http.js";
import { topFunctions } from "./http/profile.js";
import type { DatabaseName } from "./http/system.js";
import { measureProfiles, profilesTable } from "./profiles.js";
import { measureSizes } from "./sizes.js";
import { measureStart } from "./start.js";

const parts = ["http", "profiles", "bursts", "start", "sizes", "tokens", "growth", "worker"] as const;
const databases: readonly DatabaseName[] = ["sqlite", "postgres"];
const names = contests.map(({ name }) => name);
const known = [...parts, ...databases, ...names, "--quick", "--profile"];

const words = process.argv.slice(2);
const unknown = words.filter((word) => !known.includes(word));
if (unknown.length > 0) throw new Error(`There is no ${unknown.join(", ")}: choose of ${known.join(", ")}.`);
const isQuick = words.includes("--quick");
const chosenContests = chosen(names, false);
const isPart = (part: (typeof parts)[number]) =>
  words.includes(part) ||
  (part === "http" && chosenContests.length > 0) ||
  !words.some(
    (word) => known.includes(word) && !word.startsWith("--") && !databases.includes(word as DatabaseName),
  );
const folder = resolve("reports/profiles");
const profiles = words.includes("--profile") ? folder : undefined;
const command = ["npm run bench", ...(words.length > 0 ? ["--", ...words] : [])].join(" ");

// Earlier profiles are there to be read until others are taken.
if (profiles || isPart("profiles")) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
const close = await openPlace();
try {
  if (isPart("http") || isPart("profiles") || isPart("bursts"))
    for (const database of chosen(databases, true)) await onDatabase(database);
  if (isPart("start")) await keepUnlessQuick("start", await measureStart(isQuick));
  if (isPart("sizes")) await keepUnlessQuick("sizes", await measureSizes());
} finally {
  await close();
}
if (isPart("tokens")) await runScript("tokens", isQuick ? ["1"] : []);
if (isPart("growth")) await runScript("growth", isQuick ? ["20000"] : []);
if (isPart("worker")) await runScript("worker", isQuick ? ["1000"] : []);
if (profiles) console.log(await topFunctions(profiles));
if (!isQuick) {
  await writeEvidence("benchmarks", page(readKept()));
  console.log(goalsTable(readKept()));
}

async function onDatabase(database: DatabaseName): Promise<void> {
  const templates = await fillAll(database);
  if (isPart("http")) {
    const choice = { contests: chosenContests, isQuick, profiles };
    await measureHttp(templates, choice, async (name, rounds) => {
      if (!isQuick) await keepFigures(`${name} ${database}`, command, rounds);
    });
  }
  if (isPart("profiles")) {
    const found = await measureProfiles(templates, resolve(folder, database));
    console.log(`\nprofiles, ${database}\n\n${profilesTable(found)}`);
    await keepUnlessQuick(`profiles ${database}`, found);
  }
  if (isPart("bursts")) await keepUnlessQuick(`bursts ${database}`, await burst(templates, isQuick ? 3 : 20));
}

/** Those of a group that were named; where none was, all or none. */
function chosen<T extends string>(group: readonly T[], all: boolean): readonly T[] {
  const named = group.filter((one) => words.includes(one));
  return named.length === 0 && all ? group : named;
}

async function keepUnlessQuick(part: string, figures: unknown): Promise<void> {
  if (isQuick) console.log(part, JSON.stringify(figures, null, 1));
  else await keepFigures(part, command, figures);
}

/** A bench that has a page, and a command, of its own. */
async function runScript(name: string, args: readonly string[]): Promise<void> {
  const program = [...process.execArgv, `bench/dist/bench/${name}.js`, ...args];
  const script = spawn(process.execPath, program, { stdio: "inherit" });
  await once(script, "exit");
}
