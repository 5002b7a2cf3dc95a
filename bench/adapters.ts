/**
 * What an adapter costs: `validate_token` with a memory store through Express, Fastify, Hono and Koa, beside a
 * route by hand of the same framework that calls `validate` itself, and beside one that looks nothing up:
 * `npm run bench:adapters [rounds]`. Writes docs/evidence/adapters.md; exits with 1 where the limit is missed, or
 * where the controls show that the bench cannot tell.
 *
 * The servers of one framework each have a process of their own, and get their load in turn. What counts is the
 * median of the rounds' ratios.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { openPlace } from "../test/servers/place.js";
import { frameworks, path, type Framework } from "./adapters/apps.js";
import { connections, seconds, startServer } from "./adapters/contestants.js";
import { plantedCost, type Kind } from "./adapters/looks.js";
import { circumstances, table, writeEvidence } from "./evidence.js";
import { of, ratio, withRange } from "./http/figures.js";
import { takeTurns, type Rounds } from "./http/rounds.js";

const plan = { rounds: Number(process.argv[2] ?? 7), warmUps: 2, mostOthers: 0.15 };
/** Decision 101. */
const least = 0.85;
/** How far a control may be from what is known of it. */
const tolerance = 0.05;

const close = await openPlace();

/** Servers of one framework in turn, by a name for each. */
async function compare(framework: Framework, kinds: Readonly<Record<string, Kind>>): Promise<Rounds> {
  const starting = Object.entries(kinds).map(([name, kind]) => startServer(name, framework, kind));
  const servers = await Promise.all(starting);
  const rounds = await takeTurns(servers, plan);
  for (const server of servers) await server.stop();
  return rounds;
}

const microseconds = (rounds: Rounds, name: string) => of(rounds, name, "cpu").median * 1_000;
const whole = (value: number) => Math.round(value).toLocaleString("en");

interface Line {
  readonly cells: readonly string[];
  readonly rate: number;
}

function lineOf(framework: Framework, rounds: Rounds): Line {
  const rate = ratio(rounds, "adapter", "validate");
  const cells = [
    `${framework} ${versionOf(framework)}`,
    ...["nothing", "validate", "adapter"].map((name) => microseconds(rounds, name).toFixed(1)),
    ...["validate", "adapter"].map((name) => whole(of(rounds, name, "perSecond").median)),
    `**${withRange(rate)}**`,
    withRange(ratio(rounds, "adapter", "nothing")),
    `${rounds.counted}`,
  ];
  console.log(cells.join(" | "));
  return { cells, rate: rate.median };
}

function versionOf(framework: Framework): string {
  const file = `node_modules/${framework.toLowerCase()}/package.json`;
  return JSON.parse(readFileSync(file, "utf8")).version;
}

const lines: Line[] = [];
for (const framework of frameworks) {
  const kinds = { nothing: "nothing", validate: "validate", adapter: "adapter" } as const;
  lines.push(lineOf(framework, await compare(framework, kinds)));
}

const control = await compare("Fastify", { once: "validate", again: "validate", planted: "planted" });
await close();
const cost = microseconds(control, "once");
const controls = [
  { name: "the same route twice", seen: ratio(control, "again", "once"), due: 1 },
  {
    name: `${plantedCost} µs of spinning`,
    seen: ratio(control, "planted", "once"),
    due: cost / (cost + plantedCost),
  },
];
const broken = controls.filter(({ seen, due }) => Math.abs(seen.median - due) > tolerance);
const missed = lines.filter(({ rate }) => rate < least);

const head = [
  "framework",
  "looks nothing up, µs",
  "validates by hand, µs",
  "resetkit, µs",
  "by hand, a second",
  "resetkit, a second",
  "rate beside by hand",
  "rate beside nothing",
  "rounds",
];
const controlRows = controls.map(({ name, seen, due }) => [name, due.toFixed(2), withRange(seen)]);
const page = `# What an adapter costs

${circumstances(`npm run bench:adapters ${plan.rounds}`, [])}
- Each round gives every server of a framework ${seconds} s of load in turn; medians, and the rates' least and most
- Load: ${connections} connections that are kept, one request at a time on each, every answer compared, from one process on the same
  machine that never sleeps: waking a client costs a server the more, the slower it is

${table(
  head,
  lines.map(({ cells }) => cells),
)}

µs: processor time of the server for a request. Each request is a \`POST ${path}\` with a good token in JSON, and a memory store
holds it. Routes by hand read the body with the framework's own parser (Koa has none: it reads and parses by hand) and answer
the same JSON with the same headers. One calls \`reset.validate({ token })\` itself, so what is left between it and resetkit is
the adapter and the HTTP surface: whose request it is, which language and form it wants, strict reading within limits of size and time.
The other looks nothing up, and is there [for the reader](../decisions/101-what-a-bare-route-does.md). Throttles are those by default,
which leave \`validate_token\` alone.

## Controls

Two of Fastify's routes that validate by hand, beside a third.

${table(["beside it", "must be", "rate"], controlRows)}

${broken.length === 0 ? "Both are found." : `**This run counts for nothing: ${broken.map(({ name }) => name).join(" and ")} did not come out as it must.**`}

## The limit

At least ${least.toFixed(2)} of the route that validates is wanted. ${missed.length === 0 ? "All have it." : `**Missed by ${missed.map(({ cells, rate }) => `${cells[0]}: ${rate.toFixed(2)}`).join(", ")}.**`}
`;
await writeEvidence("adapters", page);
if (missed.length > 0 || broken.length > 0) process.exitCode = 1;
