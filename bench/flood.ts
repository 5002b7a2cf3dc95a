/**
 * A flood of 200,000 requests from 50,000 networks in ten minutes, and what an owner feels of it; writes docs/evidence/flood.md:
 * `npm run bench:flood [sqlite] [postgres] [control] [ceiling]`, by default all of them. Each wants the machine for itself, so
 * what was found is kept in docs/evidence/flood.json.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openPlace, place } from "../test/servers/place.js";
import { postgres } from "../test/servers/postgres.js";
import { circumstances, table, today, writeEvidence } from "./evidence.js";
import { broken, delaysOf, roomFor } from "./flood/judge.js";
import type { Plan } from "./flood/plan.js";
import { connections, forkServer, type Outcome, runFlood } from "./flood/run.js";

const usual: Omit<Plan, "url" | "database"> = {
  ...{ requests: 200_000, networks: 50_000, owners: 100, lasts: 600_000, speed: 1 },
  ...{ throttles: "fair", maxWaiting: 100_000, worker: "usual" },
};
/** Their worker is slower than either flood, so ten minutes would show no more than these do. */
const slow = { database: "sqlite", speed: 4, worker: "nine" } as const;

interface Flood {
  readonly name: string;
  readonly plan: Omit<Plan, "url">;
  /** The promise that must be broken; the others break none. */
  readonly breaks?: RegExp;
}

/** What must hold, what must fail, and what a ceiling is for. */
const floods: Readonly<Record<string, Flood>> = {
  sqlite: { name: "SQLite", plan: { ...usual, database: "sqlite" } },
  postgres: { name: "PostgreSQL", plan: { ...usual, database: "postgres" } },
  control: {
    name: "**control**: SQLite, no limits, nine entries a look",
    plan: { ...usual, ...slow, throttles: false, maxWaiting: 1e9 },
    breaks: /an owner's email took/,
  },
  ceiling: {
    name: "SQLite, nine entries a look, `maxWaiting: 2_000`",
    plan: { ...usual, ...slow, maxWaiting: 2_000 },
    breaks: /owners were refused/,
  },
};

const file = "docs/evidence/flood.json";
type Cells = readonly (string | number)[];
const kept: Record<string, Cells> = existsSync(file) ? JSON.parse(await readFile(file, "utf8")) : {};

const asked = process.argv.slice(2);
const unknown = asked.filter((word) => !Object.hasOwn(floods, word));
if (unknown.length > 0)
  throw new Error(`There is no ${unknown.join(", ")}: choose of ${Object.keys(floods).join(", ")}.`);

const close = await openPlace();
try {
  for (const [word, { name, plan: flood, breaks }] of Object.entries(floods)) {
    if (asked.length > 0 && !asked.includes(word)) continue;
    const url = flood.database === "sqlite" ? join(place().folder, `flood-${word}.db`) : await postgres();
    const plan = { ...flood, url };
    const outcome = await runFlood(plan, await forkServer(plan));
    const faults = broken(plan, outcome);
    console.log(
      name,
      `${(outcome.took / 1_000).toFixed(0)} s`,
      outcome.statuses,
      outcome.seen.events,
      faults,
    );
    kept[word] = cellsOf(name, plan, outcome, faults);
    await writeFile(file, `${JSON.stringify(kept, null, 1)}\n`);
    const isGood = breaks ? faults.some((fault) => breaks.test(fault)) : faults.length === 0;
    if (isGood) continue;
    console.error("That isn't as it must be.");
    process.exitCode = 1;
  }
} finally {
  await close();
}
await writeEvidence("flood", page());

function cellsOf(name: string, plan: Plan, outcome: Outcome, faults: readonly string[]): Cells {
  const { statuses, owners, took, seen } = outcome;
  const delays = delaysOf(outcome);
  const at = (share: number) => ms(delays[Math.min(delays.length - 1, Math.floor(share * delays.length))]!);
  return [
    name,
    today(),
    plan.speed,
    (took / 1_000).toFixed(0),
    `${at(0.5)} / ${at(0.99)} / ${at(1)}`,
    owners.filter(({ status }) => status !== "200").length,
    `${number(statuses["429"] ?? 0)} / ${number(plan.requests)}`,
    number(seen.most.queue),
    number(seen.most.tokens),
    number(seen.most.counters),
    number(Object.values(seen.cleaned).reduce((sum, rows) => sum + rows)),
    (seen.memory.most - seen.memory.before).toFixed(0),
    faults.length === 0 ? "yes" : `no: ${faults.join("; ")}`,
  ];
}

function ms(time: number): string {
  return time === Infinity ? "none" : number(Math.max(0, Math.round(time)));
}

function number(count: number): string {
  return count.toLocaleString("en");
}

function page(): string {
  return `# A flood, and what an owner feels of it

${circumstances("npm run bench:flood", ["PostgreSQL without fsync: what a disk adds is the disk's"])}
- Two processes: a server (\`node:http\`, \`resetkit/adapters/node\`, a worker inside, all options at their defaults but \`throttles: "fair"\`), and
  the clients, on ${connections} connections that stay open.
- The flood: ${number(usual.requests)} requests from ${number(usual.networks)} networks in ten minutes of the engine's clock. The column "speed" says how many times
  as fast that clock runs: at 4, every second has four seconds' requests. Ten networks send a quarter of it. 60 % of the rest name accounts that don't exist, 30 % name
  ${number(usual.requests / 40)} victims, and 10 % one single owner.
- ${usual.owners} owners request a reset once each, at even times, from addresses of their own. Their delay is by the wall clock: from the request to the
  transport, which accepts at once.

${table(
  [
    "run",
    "date",
    "speed",
    "took, s",
    "owners' delay, ms: median / 99 % / longest",
    "owners refused",
    "429 / all",
    "most waiting",
    "tokens",
    "counters",
    "a week later",
    "memory, MB more",
    "kept",
  ],
  Object.keys(floods).flatMap((word) => (kept[word] ? [kept[word]] : [])),
)}

## What must hold

- Every owner gets a 200, and the email within 5 seconds. So does the one whose address is flooded.
- Exactly what \`"fair"\` allows is accepted: 120 requests an hour from one IP address, and 480 from a /48. All others get 429 with
  \`Retry-After\`, and a \`refused\` event each.
- The queue holds less than a tenth of \`worker.maxWaiting\`, and is empty afterwards. No account has more than \`maxLive\` tokens. A week later
  the worker has removed every row.
- The process takes at most ${roomFor} MB more.

## The controls

The third run has neither limits nor a ceiling, and a worker that takes nine entries at each look. It must break these promises, and does. The
fourth is that slow worker with the limits and a ceiling: emails are late, since nothing makes up for a worker that is too slow, and whoever
is refused knows it by the 429 and can try again.

## If the queue grows

Nothing is lost: the emails leave in the order of their requests, late; a network that adds more than 30 requests a minute is refused; and
from \`worker.maxWaiting\` on, every request is, with the alarm \`queue_full\`. More worker processes, or a lower \`maxWaiting\`, shorten the
wait.

On a slower machine, an earlier version fell behind on PostgreSQL: 47,938 requests waited. If requests for accounts at
their limit had waited for a second, it put them off and looked them up again, and so was later for being late ([decision 207](../decisions/207-only-a-retry-waits-for-its-token.md)). Both versions ran once more
beside four processes that only count, for 90 seconds at this rate: of the earlier, 8,879 requests waited, and an owner for
6.6 s; of this, 622, and 2.0 s.

## What this does not show

- **A mail server that is slower than the flood.** The queue is first come, first served. If 333 emails a second are more than the server takes,
  owners wait behind the flood, or are told by 429 once \`worker.maxWaiting\` is reached.
- **An attacker with an IP address beside the owner's.** Who shares an address with a flood is refused with it, for an hour at most.
- Several servers, and other stores.
`;
}
