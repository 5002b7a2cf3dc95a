/**
 * A flood of 200,000 requests from 50,000 networks in ten minutes, and what an owner feels of it; writes docs/evidence/flood.md:
 * `npm run bench:flood [speed]`, with how many times as fast as the clock the first two runs are.
 *
 * @module
 */
import { join } from "node:path";
import { openPlace, place } from "../test/servers/place.js";
import { postgres } from "../test/servers/postgres.js";
import { circumstances, table, writeEvidence } from "./evidence.js";
import { broken, delaysOf, roomFor } from "./flood/judge.js";
import type { Plan } from "./flood/plan.js";
import { connections, forkServer, type Outcome, runFlood } from "./flood/run.js";

const speed = Number(process.argv[2] ?? 1);
const usual: Omit<Plan, "url" | "database"> = {
  ...{ requests: 200_000, networks: 50_000, owners: 100, lasts: 600_000, speed },
  ...{ throttles: "fair", maxWaiting: 100_000, worker: "usual" },
};

/** Their worker is slower than either flood, so ten minutes would show no more than these do. */
const short = 4;

/** What must hold, what must fail, and what a ceiling is for. */
const floods: Readonly<Record<string, Omit<Plan, "url">>> = {
  SQLite: { ...usual, database: "sqlite" },
  PostgreSQL: { ...usual, database: "postgres" },
  "**control**: SQLite, no limits, ten entries a look": {
    ...usual,
    database: "sqlite",
    speed: short,
    throttles: false,
    maxWaiting: 1e9,
    worker: "ten",
  },
  "SQLite, ten entries a look, `maxWaiting: 2_000`": {
    ...usual,
    database: "sqlite",
    speed: short,
    maxWaiting: 2_000,
    worker: "ten",
  },
};

const close = await openPlace();
const outcomes: [string, Plan, Outcome][] = [];
try {
  for (const [name, flood] of Object.entries(floods)) {
    const url =
      flood.database === "sqlite" ? join(place().folder, `flood${outcomes.length}.db`) : await postgres();
    const plan = { ...flood, url };
    const outcome = await runFlood(plan, await forkServer(plan));
    console.log(name, `${(outcome.took / 1_000).toFixed(0)} s`, outcome.statuses, outcome.seen.events);
    console.log(broken(plan, outcome));
    outcomes.push([name, plan, outcome]);
  }
} finally {
  await close();
}

const isControl = ([, { worker }]: (typeof outcomes)[number]) => worker === "ten";
const isGood = outcomes.every((one) => broken(one[1], one[2]).length > 0 === isControl(one));
if (!isGood) {
  console.error("Not all of it is as it must be.");
  process.exitCode = 1;
}
await writeEvidence("flood", page());

function page(): string {
  const ms = (time: number) =>
    time === Infinity ? "none" : Math.max(0, Math.round(time)).toLocaleString("en");
  const number = (count: number) => count.toLocaleString("en");
  return `# A flood, and what an owner feels of it

${circumstances(`npm run bench:flood ${speed}`, ["PostgreSQL without fsync: what a disk adds is the disk's"])}
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
  outcomes.map(([name, plan, outcome]) => {
    const { statuses, owners, took, seen } = outcome;
    const delays = delaysOf(outcome);
    const at = (share: number) => ms(delays[Math.min(delays.length - 1, Math.floor(share * delays.length))]!);
    const faults = broken(plan, outcome);
    return [
      name,
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
  }),
)}

## What must hold

- Every owner gets a 200, and the email within 5 seconds. So does the one whose address is flooded.
- Exactly what \`"fair"\` allows is accepted: 120 requests an hour from one IP address, and 480 from a /48. All others get 429 with
  \`Retry-After\`, and a \`refused\` event each.
- The queue holds less than a tenth of \`worker.maxWaiting\`, and is empty afterwards. No account has more than \`maxLive\` tokens. A week later
  the worker has removed every row.
- The process takes at most ${roomFor} MB more.

## The controls

The third run has neither limits nor a ceiling, and a worker that takes ten entries at each look. It must break these promises, and does. The
fourth is that slow worker with the limits and a ceiling: emails are late, since nothing makes up for a worker that is too slow, and whoever
is refused knows it by the 429 and can try again. The queue is counted once a second, and only what is due counts. The column "most
waiting" counts every row, those that were put off as well, so it exceeds \`maxWaiting\`.

## Where two processors aren't enough

PostgreSQL, the server, and the clients share two processors here. A statement is a round trip there, where SQLite is a call in the
process: an email takes nine ([why](../decisions/206-nine-statements-an-email.md)), a request takes four or five, and an account at its limit is
looked up again several times. If the queue grows, nothing is lost:
the emails leave in the order of their requests, late; a network that adds more than 30 requests a minute is refused; and from
\`worker.maxWaiting\` on, every request is, with the alarm \`queue_full\`. More worker processes, or a lower \`maxWaiting\`, shorten the wait.

## What this does not show

- **A mail server that is slower than the flood.** The queue is first come, first served. If 333 emails a second are more than the server takes,
  owners wait behind the flood, or are told by 429 once \`worker.maxWaiting\` is reached.
- **An attacker with an IP address beside the owner's.** Who shares an address with a flood is refused with it, for an hour at most.
- Several servers, and other stores.
`;
}
