/**
 * What a request, a validation, and a confirm cost beside those of another checkout, which is built already:
 * `npm run bench:versions -- ../resetkit-before`. The result goes to docs/evidence/versions.md.
 *
 * It's the processor time of the process alone, on SQLite, without HTTP. The rate of requests also depends on the client, on
 * the database's server, and on what else the machine does: from run to run, its ratio to a handler by hand differs by a
 * tenth.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import type * as connections from "../src/connections/better-sqlite3.js";
import type * as library from "../src/index.js";
import type * as stores from "../src/stores/sql.js";
import type { PasswordReset, ResetOptions, Users } from "../src/types.js";
import { circumstances } from "./evidence.js";
import { spread, withRange } from "./http/figures.js";

interface Person {
  readonly id: number;
  readonly email: string;
  readonly hash: string;
}

const here = resolve(".");
const page = "docs/evidence/versions.md";
const rounds = Number(process.env["ROUNDS"] ?? 15);
const count = 3_000;
const verbs = ["request", "validate", "confirm, users.lock", "confirm, in steps"];

const [first, child] = process.argv.slice(2);
if (first && child) console.log(JSON.stringify(await measure(first)));
else if (first) compare(resolve(first));
else {
  console.error("Pass the folder of another checkout, in which `npm run build` was run.");
  process.exitCode = 2;
}

function compare(before: string): void {
  const found: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [before, here] : [here, before];
    const times = new Map(order.map((root) => [root, run(root)]));
    // The checkout beside itself shows what the measurement makes of no difference at all.
    found.push({ before: times.get(before)!, now: times.get(here)!, again: run(here) });
    console.log(`round ${round + 1} of ${rounds}`);
  }
  writeFileSync(page, evidence(before, found));
}

/** Microseconds of each verb. */
interface Round {
  readonly before: readonly number[];
  readonly now: readonly number[];
  readonly again: readonly number[];
}

function run(root: string): number[] {
  const command = [fileURLToPath(import.meta.url), root, "child"];
  return JSON.parse(
    execFileSync(process.execPath, command, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
  ) as number[];
}

/** Microseconds of processor time for one of each verb. */
async function measure(root: string): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "resetkit-versions-"));
  try {
    const kit = await engines(root, folder);
    const request = await timed(kit.emails, (identifier) => kit.locked.request({ identifier }));
    const tokens = await kit.tokens();
    const validate = await timed(tokens, async (token) => {
      if (!(await kit.locked.validate({ token }))) throw new Error("A good token was refused.");
    });
    const half = tokens.length / 2;
    const confirm = (reset: PasswordReset<Person>) => (token: string) =>
      reset.confirm({ token, password: "thunder marmalade quay" });
    return [
      request,
      validate,
      await timed(tokens.slice(0, half), confirm(kit.locked)),
      await timed(tokens.slice(half), confirm(kit.stepped)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the work for each of the items, one after the other; the first tenth isn't counted. */
async function timed(items: readonly string[], work: (item: string) => Promise<unknown>): Promise<number> {
  const warm = items.length / 10;
  for (const item of items.slice(0, warm)) await work(item);
  const before = process.cpuUsage();
  for (const item of items.slice(warm)) await work(item);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (items.length - warm);
}

/** The checkout's engine twice, on one database: with `users.lock`, and without it. */
async function engines(root: string, folder: string) {
  const load = async <Module>(path: string) =>
    (await import(pathToFileURL(join(root, "dist", path)).href)) as Module;
  const { passwordReset } = await load<typeof library>("index.js");
  const { migrate, sqlStore } = await load<typeof stores>("stores/sql.js");
  const { betterSqlite3 } = await load<typeof connections>("connections/better-sqlite3.js");
  const db = new Database(join(folder, "data.db"));
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  db.exec("create table users (id integer primary key, email text unique, hash text)");
  const emails = Array.from({ length: count }, (_, index) => `person${index}@example.com`);
  const insert = db.prepare("insert into users (email, hash) values (?, 'a hash')");
  db.transaction(() => emails.forEach((email) => insert.run(email)))();
  const connection = betterSqlite3(db);
  await migrate(connection);

  const byEmail = db.prepare<[string], Person>("select * from users where email = ?");
  const byId = db.prepare<[unknown], Person>("select * from users where id = ?");
  const update = db.prepare("update users set hash = ? where id = ? and hash = ? and email = ?");
  const users: Users<Person> = {
    findByIdentifier: (email) => byEmail.get(email),
    findById: (id) => byId.get(id),
    stateOf: ({ hash, email }) => [hash, email],
    setPassword: ({ id }, password, { expected }) =>
      update.run(`${password} of ${id}`, id, ...expected).changes === 1,
    revokeSessions: () => undefined,
  };
  const tokens: string[] = [];
  const make = (more: Partial<Users<Person>>, worker: ResetOptions<Person>["worker"]) =>
    passwordReset<Person>({
      users: { ...users, ...more },
      store: sqlStore(connection),
      secret: "kJ8vQ2mX7pR4tY9wB3nC6zL1sD5fG0hA",
      url: "https://example.com/reset/{token}",
      throttles: false,
      validators: [],
      deliver: (message) => void (message.kind === "reset" && tokens.push(message.token)),
      log: { info() {}, warn() {}, error() {} },
      worker,
    });
  let worker: ResetOptions<Person>["worker"] = { mode: "outside", maxWaiting: 1_000_000 };
  try {
    make({}, worker);
  } catch {
    // The first version has no bound on the queue.
    worker = "outside";
  }
  const locked = make({ lock: (id) => byId.get(id) }, worker);
  return {
    emails,
    locked,
    stepped: make({}, worker),
    async tokens() {
      while (tokens.length < count) await locked.drain();
      return tokens;
    },
  };
}

function evidence(before: string, found: readonly Round[]): string {
  const [old, now] = [commitOf(before), commitOf(here)];
  const rows = verbs.map((verb, index) => {
    const of = (value: (round: Round) => number) => spread(found.map(value));
    const times = [of((round) => round.before[index]!), of((round) => round.now[index]!)];
    const ratio = of((round) => round.now[index]! / round.before[index]!);
    const control = of((round) => round.again[index]! / round.now[index]!);
    return `| ${[verb, ...times.map(({ median }) => median.toFixed(0)), withRange(ratio), withRange(control)].join(" | ")} |`;
  });
  return `# What a verb costs beside an earlier version

${circumstances("npm run bench:versions -- FOLDER", [`FOLDER: a built checkout of ${old}; this one is ${now}`])}

Processor time of the process, in microseconds of one call, on SQLite in a file, without HTTP: ${count.toLocaleString("en")} accounts, one call after the
other, ${rounds} rounds in alternating order. A ratio is a median, with the least and the greatest of the rounds in brackets. The control is this
checkout beside itself.

| verb | ${old} | ${now} | ratio | control |
| --- | ---: | ---: | ---: | ---: |
${rows.join("\n")}
`;
}

function commitOf(root: string): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
}
