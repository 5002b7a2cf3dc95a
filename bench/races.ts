/**
 * The long run of the races, which writes docs/evidence/races.md: `npm run bench:races [rounds]`.
 *
 * @module
 */
import { join } from "node:path";
import { mariadb } from "../test/servers/mariadb.js";
import { openPlace, place } from "../test/servers/place.js";
import { postgres } from "../test/servers/postgres.js";
import { redis } from "../test/servers/redis.js";
import { circumstances, table, writeEvidence } from "./evidence.js";
import { open, type Track } from "./races/databases.js";
import type { Mode } from "./races/messages.js";
import { connections, processes, race, type Tally } from "./races/race.js";

const rounds = Number(process.argv[2] ?? 1_000);
const controlRounds = Math.min(rounds, 100);
const plan: Record<Mode, number> = {
  steps: rounds,
  lock: rounds,
  two: rounds,
  "two, lock": rounds,
  seed: controlRounds,
};
const what: Record<Mode, string> = {
  steps: "one token",
  lock: "one token, `users.lock`",
  two: "two tokens of one account",
  "two, lock": "two tokens of one account, `users.lock`",
  seed: "**control**: select, set, delete",
};

const close = await openPlace();
try {
  const tracks: Track[] = [
    { database: "sqlite", url: join(place().folder, "races.db") },
    { database: "postgres", url: await postgres() },
    { database: "mariadb", url: await mariadb() },
    { database: "redis", url: await redis(), accountsUrl: await postgres() },
  ];
  const lines: (string | number)[][] = [];
  const servers: string[] = [];
  let bad = 0;
  for (const track of tracks) {
    const one = open(track);
    servers.push(`${track.database}: ${(await one.version()).split(" on ")[0]}`);
    await one.close();
    for (const tally of await race(track, plan)) {
      console.log(track.database, JSON.stringify(tally));
      lines.push([track.database, ...cells(tally)]);
      if (tally.mode === "seed" ? isClean(tally) : !isClean(tally)) bad++;
    }
  }
  await writeEvidence("races", page(servers, lines));
  if (bad > 0) {
    console.error(`${bad} lines are not what they must be.`);
    process.exitCode = 1;
  }
} finally {
  await close();
}

function isClean({ rounds, successes, answers, wrongEnds, errors }: Tally): boolean {
  const told = Object.keys(answers).every((code) => code === "ok" || code === "invalid_token");
  return successes[1] === rounds && told && wrongEnds === 0 && errors.length === 0;
}

function cells({ mode, rounds, successes, answers, wrongEnds, errors }: Tally): (string | number)[] {
  const told = Object.entries(answers).map(([code, times]) => `${code} ${times}`);
  return [
    what[mode],
    rounds,
    winnersOf(successes),
    told.join(", "),
    mode === "seed" ? "–" : wrongEnds,
    errors.length,
  ];
}

/** Integer keys come in their order. */
function winnersOf(successes: Tally["successes"]): string {
  const counts = Object.keys(successes);
  if (counts.length === 1) return `${counts[0]} in every round`;
  return `${counts[0]} to ${counts.at(-1)}`;
}

function page(servers: readonly string[], lines: (string | number)[][]): string {
  return `# Races: one token, ${processes * connections} callers, one winner

${circumstances(`npm run bench:races ${rounds}`, servers)}
- Sample: ${rounds} rounds for each line (${controlRounds} for each control). A round is ${processes} processes × ${connections} connections that confirm
  at the same instant, each with a password of its own. On SQLite a process has one \`Database\`, and its ${connections} callers share it.

Every confirm goes through the engine (\`passwordReset\`), with the store and the accounts on the real server.
With Redis the accounts are in PostgreSQL. A round is right where exactly one caller is told \`ok\`, all others
\`invalid_token\` (never a 5xx), and the account has the winner's password and no session left.

${table(["database", "what races", "rounds", "winners", "answers", "wrong ends", "errors logged"], lines)}

The control is the algorithm of the seed, django-rest-passwordreset: look the row up, set the password, delete the
rows. It must have rounds with several winners; else this test could not find them.

What this does not show: servers on several machines, replicas, fail-overs, or isolation levels above the
defaults. All processes share one machine, so their clocks agree. MongoDB has a run of its own (\`npm run test:mongodb\`), and
MySQL is tested by the store suite alone.
`;
}
