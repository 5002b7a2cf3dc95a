/**
 * What a large table costs, written to docs/evidence/growth.md: `npm run bench:growth [rows]`.
 *
 * @module
 */
import { join } from "node:path";
import { openPlace, place } from "../test/servers/place.js";
import { postgres } from "../test/servers/postgres.js";
import { circumstances, keepFigures, table, writeEvidence } from "./evidence.js";
import { type Cleanup, cleanup, idle } from "./growth/cleanup.js";
import { ms, type Summary } from "./growth/figures.js";
import { fill, open, type Place } from "./growth/tables.js";
import { type Screens, screens } from "./growth/terminal.js";
import { measureVerbs, type Verbs } from "./growth/verbs.js";

const large = Number(process.argv[2] ?? 1_000_000);
const small = large / 100;
const idleSeconds = 20;
const limits = { growth: 1.3, sqliteInsert: 20, postgresInsert: 10, seconds: 60, stop: 5 };
const now = Date.now();

export interface Figures {
  readonly database: Place["database"];
  readonly small: Verbs;
  readonly large: Verbs;
  readonly idle: Summary;
  readonly cleanup: Cleanup;
}

const close = await openPlace();
try {
  const figures = [
    await measure("sqlite", (name) => Promise.resolve(join(place().folder, `${name}.db`))),
    await measure("postgres", () => postgres()),
  ];
  await keepFigures("growth", `npm run bench:growth ${large}`, figures);
  await writeEvidence("growth", page(figures, await screens(join(place().folder, "app"), large, now)));
} finally {
  await close();
}

async function measure(
  database: Place["database"],
  newDatabase: (name: string) => Promise<string>,
): Promise<Figures> {
  const places: Place[] = [];
  const tables = [];
  for (const rows of [small, large]) {
    const one: Place = { database, url: await newDatabase(`rows-${rows}`) };
    const opened = open(one);
    await fill(opened, rows, now);
    places.push(one);
    tables.push(opened);
  }
  const [ofSmall, ofLarge] = await measureVerbs(tables, now);
  for (const opened of tables) await opened.close();
  const figures = {
    database,
    small: ofSmall!,
    large: ofLarge!,
    idle: await idle(places[1]!, idleSeconds),
    cleanup: await cleanup(places[1]!, now),
  };
  console.log(JSON.stringify(figures, null, 1));
  return figures;
}

function page(figures: readonly Figures[], captured: Screens): string {
  const n = (value: number) => value.toLocaleString("en");
  const growth = (from: Summary, to: Summary) => `${(to.p50 / from.p50).toFixed(2)}×`;
  const verdict = (holds: boolean) => (holds ? "yes" : "**no**");
  return `# Growth: what ${n(large)} rows cost

${circumstances(`npm run bench:growth ${large}`, ["SQLite by better-sqlite3 (journal_mode = wal, synchronous = normal, wal_autocheckpoint = 400) in a file; PostgreSQL by pg, on the same machine, without fsync"])}
- Sample: 3,000 inserts and 3,000 confirms on each table, by turns of 200; one clean-up of ${n(large)} expired rows for each database.

## A request and a confirm

\`put\` is what the store does for a request; a confirm is \`find\`, \`lease\`, \`finish\` and \`removeByUser\`. Milliseconds, p50 / p99.

${table(
  ["database", "rows", "`put`", "confirm"],
  figures.flatMap(({ database, small: few, large: many }) => [
    [
      database,
      n(small),
      `${ms(few.insert.p50)} / ${ms(few.insert.p99)}`,
      `${ms(few.confirm.p50)} / ${ms(few.confirm.p99)}`,
    ],
    [
      database,
      n(large),
      `${ms(many.insert.p50)} / ${ms(many.insert.p99)}`,
      `${ms(many.confirm.p50)} / ${ms(many.confirm.p99)}`,
    ],
    [database, "**growth of p50**", growth(few.insert, many.insert), growth(few.confirm, many.confirm)],
  ]),
)}

## Clearing ${n(large)} expired rows while another process inserts

The inserter adds a token (\`put\`: a select and an insert) every millisecond or so. "Stop" is how long one batch kept the clearing process
from doing anything else, and "work" what of it was time of the processor; lateness is by how much its timer of 1 ms was late, which includes what the machine's other processes took.

${table(
  [
    "database",
    "total",
    "slowest insert idle / meanwhile",
    "insert p50 / p99 meanwhile",
    "inserts",
    "batches",
    "longest stop (p99)",
    "of it work",
    "lateness p99 / max",
  ],
  figures.map(({ database, idle: before, cleanup: { inserts, seconds, stops, work, lateness } }) => [
    database,
    `${seconds.toFixed(1)} s`,
    `${ms(before.max)} / ${ms(inserts.max)} ms`,
    `${ms(inserts.p50)} / ${ms(inserts.p99)} ms`,
    n(inserts.count),
    n(stops.count),
    `${ms(stops.max)} ms (${ms(stops.p99)})`,
    `${ms(work.max)} ms (${ms(work.p99)})`,
    `${ms(lateness.p99)} / ${ms(lateness.max)} ms`,
  ]),
)}

## Against the limits

${table(
  ["database", "limit", "measured", "holds"],
  figures.flatMap(
    ({ database, small: few, large: many, idle: before, cleanup: { inserts, seconds, stops } }) => {
      const grown = many.confirm.p50 / few.confirm.p50;
      const most = database === "sqlite" ? limits.sqliteInsert : before.max + limits.postgresInsert;
      return [
        [
          database,
          `a confirm costs less than ${limits.growth}×`,
          `${grown.toFixed(2)}×`,
          verdict(grown < limits.growth),
        ],
        [
          database,
          `slowest insert below ${ms(most)} ms`,
          `${ms(inserts.max)} ms`,
          verdict(inserts.max < most),
        ],
        [
          database,
          `total at most ${limits.seconds} s`,
          `${seconds.toFixed(1)} s`,
          verdict(seconds <= limits.seconds),
        ],
        [
          database,
          `own process never stopped for more than ${limits.stop} ms`,
          `${ms(stops.max)} ms`,
          verdict(stops.max <= limits.stop),
        ],
      ];
    },
  ),
)}

What this does not show: a disk that is slow to sync, several clean-ups at once, or rows in another order than that of
their time.

## The command in a terminal

\`npx resetkit clear-expired\` over ${n(large)} expired rows in SQLite, in a terminal (tmux, \`capture-pane\`), while another process added
${n(captured.inserts.count)} tokens (p50 ${ms(captured.inserts.p50)} ms, p99 ${ms(captured.inserts.p99)} ms, slowest ${ms(captured.inserts.max)} ms). On its way:

\`\`\`
${captured.midway}
\`\`\`

At the end:

\`\`\`
${captured.end}
\`\`\`
`;
}
