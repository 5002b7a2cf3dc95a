/**
 * docs/evidence/benchmarks.md, out of what the parts have kept.
 *
 * @module
 */
import { type Kept, table } from "./evidence.js";
import { burstGoals, type Goal, growthGoals, httpGoals, sizeGoals, startGoals, tokenGoals } from "./goals.js";
import { httpTable, mostOthers, people } from "./http.js";
import type { Bursts } from "./http/bursts.js";
import { contests } from "./http/contests.js";
import { withRange } from "./http/figures.js";
import { betterAuthVersion } from "./http/packages.js";
import { type DatabaseName, poolSize } from "./http/system.js";
import { type Profiles, profilesTable } from "./profiles.js";
import type { Size } from "./sizes.js";
import type { StartResults } from "./start.js";

type All = Readonly<Record<string, Kept<any> | undefined>>;

const databases: readonly DatabaseName[] = ["sqlite", "postgres"];

export function goalsTable(all: All): string {
  return table(
    ["workload", "goal", "figure", "met"],
    goals(all).map(({ workload, goal, figure, met }) => [workload, goal, figure, met ? "yes" : "**no**"]),
  );
}

function goals(all: All): Goal[] {
  const figures = (part: string) => all[part]?.figures;
  const held = (database: DatabaseName) =>
    Object.fromEntries(contests.map(({ name }) => [name, figures(`${name} ${database}`)]));
  const where = (part: string, make: (figures: any) => Goal[]) => (all[part] ? make(figures(part)) : []);
  return [
    ...databases.flatMap((database) => httpGoals(held(database), database)),
    ...databases.flatMap((database) => where(`bursts ${database}`, (some) => burstGoals(some, database))),
    ...where("tokens", tokenGoals),
    ...where("growth", growthGoals),
    ...where("start", startGoals),
    ...where("sizes", sizeGoals),
  ];
}

export function page(all: All): string {
  const missed = goals(all).filter(({ met }) => !met).length;
  return `# Benchmarks: what resetkit costs

Everything here is made by \`npm run bench\`, or by the parts of it named at the end. ${goals(all).length} goals, ${missed} of them missed.
A figure is a median, with the least and the greatest of the rounds in brackets. The last table says which library each part has measured.

${goalsTable(all)}

## How it is measured

- **Bare** is a handler by hand on \`node:http\`: JSON parsed, fields checked to be texts, prepared statements, a token of which the
  SHA-256 is stored and compared in constant time. A request is one select of the user and one insert of a token; a validation is one
  select of the token, one of the user, and the comparison; a confirm is one transaction that locks the user, uses the token up and
  sets the hash. It has no limits of size, no mail queue, no cap, no validators, no siblings, no notice, and its time tells who has an account.
- **resetkit** has its defaults and \`users.lock\`, but no throttles, since the bench is one visitor, and no ceiling of the queue (\`worker.maxWaiting\`),
  which only grows where no worker is. A request is answered once it is in the queue; "request to mail" has the worker and the mail, too. **Better Auth** ${betterAuthVersion} has e-mail and password alone, its rate limit and
  logger off, mails that go nowhere, and the same hash.
- All have the same file or server: SQLite by better-sqlite3 (\`journal_mode = wal\`, \`synchronous = normal\`), PostgreSQL by pg with a pool of ${poolSize}
  (\`fsync\` and \`synchronous_commit\` off). ${people.toLocaleString("en")} users with one token each. Where the work changes tables, they are put back before every turn.
- Each system is a process of its own, started for the contest, and they take turns, in the opposite order in every other round. Ratios are
  taken within a round. wrk loads them (one thread, Debian's package): a client in C takes the least from the machine that it shares with the
  server. Steady rates and bursts come from a small client in a process of its own, with priority where that is allowed.
- Every answer is compared with the one that is right, status and body; one wrong answer voids the round. A round in which other programs
  and the machine's host took ${mostOthers * 100} % of the machine or more in any turn is thrown away; where too few are left, the five quietest count.
- Processor time is that of the server's process, all threads together, for one answer, as the kernel counts it.

${databases.map((database) => contestsOn(database, all)).join("\n\n")}

${databases.map((database) => bursts(database, all["bursts " + database]?.figures)).join("\n\n")}

${start(all.start?.figures)}

${sizes(all.sizes?.figures)}

## Where the time goes

What the main thread of a server was doing, by profiles of its processor time (\`npm run bench -- profiles\`; a profile slows a server down,
so the sums are above those of the contests). Statements are sent by the kernel, which is most of what "sent" takes; SQLite's work is in "driver and
answers".

${databases.map((database) => profiles(database, all["profiles " + database]?.figures)).join("\n\n")}

**A validation.** Ours has two keyed hashes in place of one plain one, four more headers, the checks of every field, and the promises between
ports that may be remote. What pays for them is how the body is read and when the answer is written
([decision 087](../decisions/087-answers-at-the-end-of-a-turn.md)): "bare, tuned" does both by hand, and is the fastest.

**A request on PostgreSQL** writes two rows where bare writes one: its entry, and a counter that bounds how many of one spelling wait
([decision 209](../decisions/209-a-request-counts-itself.md)). Without the counter it came to 1.49 of bare.

**A validation on PostgreSQL** is seven to ten times one of Better Auth's, from run to run, and so is bare's: its two statements are most of what
it does. Through Fastify it is the case in which a round differs most from the next: three runs came to 0.94, 0.86 and 0.80 of a route by hand. What ours takes
beyond that route is in the handler itself, by the profile: the checks of every field, and the promises between ports.

**A confirm without a hash cannot come to 0.70 of bare.** Bare runs five statements: begin, lock, use, set, commit. Ours runs ten: the token
and its account (so that a stranger buys neither hash nor lease), the lease (so that of fifty racers one hashes), begin, lock, set, delete the
token, delete its siblings, queue the notice, commit. The lines of the database alone are longer than all that 0.70 of bare would leave. What
else is longer makes the notice, which is sealed before it is queued. On SQLite it is also the log: bare changes two pages, ours nine, since a
row that is deleted leaves every index and a queued notice enters three. Beside a hash of 10 ms all of it is 3 % of a confirm.

**A confirm with argon2id** loses to the hash alone what client, database and server take of two processors, as bare does, and what the limit of
two hashes at a time leaves unused, which is there for everybody else's requests. Three threads that give way ([hashing](../hashing.md)) take
that, too: so they pass the goal on SQLite, where there is no database process beside them.

**Validations beside confirms at full load** take longer than 1.5 times at the 99th percentile, whatever was tried: one hash at a time leaves a
processor free and comes to less, at the price of a third of the confirms; threads that give way to everything else, to little less
([decision 103](../decisions/103-threads-that-give-way.md) has more trials). But those threads keep the median near that of an idle server, and
confirm more than any other way. The database is not the cause, since SQLite has none beside the server.

Signed tokens: [tokens.md](tokens.md). Large tables: [growth.md](growth.md).

## What this does not show

Client, server and database share one machine, so a cheaper system also leaves more of it to the other two: a ratio of rates is not a
ratio of costs, which the column of processor time is. No network, no TLS, no disk that is slow to sync: each would make all systems
more alike. No connection is opened or closed while it is measured. Better Auth does more for a call than a password reset needs, and
its validation is a \`GET\` that redirects. The tables are small; what size costs is in growth.md. p99 at ${contests[0]!.connections} waiting connections is mostly
waiting. A confirm without a hash is no option for anybody: it shows what is left beside the hash.

## The parts

${parts(all)}
`;
}

function contestsOn(database: DatabaseName, all: All): string {
  return contests
    .filter(({ name }) => all[`${name} ${database}`])
    .map((contest) => {
      const { name, kind, seconds, connections, hash } = contest;
      const load = {
        full: `${connections} connections, turns of ${seconds} s`,
        mail: `${connections} requests a second for ${seconds} s, until the last mail has come; CPU is that of all processes of the system but the database's`,
        isolation: `200 validations a second; confirms on ${connections} connections beside them; turns of ${seconds} s; p50 and p99 are those of the validations beside confirms`,
      }[kind];
      const hashing = hash === "none" ? "" : ", argon2id (19 MiB, 2, 1)";
      return `## ${name}, ${database}\n\n${load}${hashing}.\n\n${httpTable(all[`${name} ${database}`]!.figures)}`;
    })
    .join("\n\n");
}

function profiles(database: DatabaseName, figures: Profiles | undefined): string {
  return figures ? `On ${database}:\n\n${profilesTable(figures)}` : "";
}

function bursts(database: DatabaseName, figures: readonly Bursts[] | undefined): string {
  if (!figures) return "";
  const list = (counts: Readonly<Record<string, number>>, unit: string) =>
    Object.entries(counts)
      .map(([what, times]) => `${what}${unit}: ${times}`)
      .join(", ");
  const [{ tokens, racers }] = figures as [Bursts];
  return `## ${racers} confirms of one token at once, ${database}

${tokens} tokens, one after the other; ${racers} connections, each with a password of its own; argon2id.

${table(
  ["system", "successes: tokens", "status: answers", "hashes for a token", "CPU ms for a token"],
  figures.map(({ name, winners, statuses, hashes, cpu }) => [
    name,
    list(winners, ""),
    list(statuses, ""),
    hashes.toFixed(1),
    cpu.toFixed(0),
  ]),
)}`;
}

function start(figures: StartResults | undefined): string {
  if (!figures) return "";
  const { runs, imports, node, demoFirst, demoAgain, demoMemory } = figures;
  return `## Start

${runs} runs each, by turns. Node alone: ${withRange(node, 0)} ms. The demo: from the start of its process to the first 200 of \`/healthz\`, after the build.

${table(
  ["what", "figure"],
  [
    ...Object.entries(imports).map(([name, took]) => [`\`${name}\``, `+${withRange(took, 1)} ms`]),
    ["demo, with an empty folder (makes its database and accounts)", `${withRange(demoFirst, 0)} ms`],
    ["demo, later", `${withRange(demoAgain, 0)} ms`],
    ["its memory then", `${withRange(demoMemory, 0)} MiB`],
  ],
)}`;
}

function sizes(figures: readonly Size[] | undefined): string {
  if (!figures) return "";
  return `## Size

Bundled and minified, for a runtime without Node (Better Auth: for Node; drivers of databases outside).

${table(
  ["entry", "bytes", "gzip"],
  figures.map(({ entry, bytes, gzip }) => [
    `\`${entry}\``,
    bytes.toLocaleString("en"),
    gzip.toLocaleString("en"),
  ]),
)}`;
}

function parts(all: All): string {
  return table(
    ["part", "command", "library", "date", "machine"],
    Object.entries(all).map(([part, kept]) => {
      const { command, library, date, machine } = kept!;
      return [part, `\`${command}\``, library, date, machine];
    }),
  );
}
