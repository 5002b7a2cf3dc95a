// What a request, a validation, and a confirm cost beside those of another checkout, which is built already:
// `npm run bench:versions -- ../resetkit-before`. The result goes to docs/evidence/versions.md.
//
// It's the processor time of the process alone, on SQLite, without HTTP. The rate of requests also depends on the client, on the
// database's server, and on what else the machine does: from run to run, its ratio to a handler by hand differs by a tenth.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import Database from "better-sqlite3";

const self = fileURLToPath(import.meta.url);
const here = resolve(self, "../..");
const page = join(here, "docs/evidence/versions.md");
const rounds = Number(process.env.ROUNDS ?? 15);
const count = 3_000;
const verbs = ["request", "validate", "confirm, users.lock", "confirm, in steps"];

const [first, child] = process.argv.slice(2);
if (child) console.log(JSON.stringify(await measure(first)));
else if (first) compare(resolve(first));
else {
  console.error("Pass the folder of another checkout, in which `npm run build` was run.");
  process.exitCode = 2;
}

function compare(before) {
  const ratios = verbs.map(() => []);
  const times = verbs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [before, here] : [here, before];
    const found = new Map(order.map((root) => [root, run(root)]));
    // The checkout beside itself shows what the measurement makes of no difference at all.
    const again = run(here);
    verbs.forEach((_, verb) => {
      const [old, now] = [found.get(before)[verb], found.get(here)[verb]];
      ratios[verb].push([now / old, again[verb] / now]);
      times[verb].push([old, now]);
    });
    console.log(`round ${round + 1}: ${ratios.map((all) => all.at(-1)[0].toFixed(2)).join(", ")}`);
  }
  writeFileSync(page, evidence(before, ratios, times));
}

function run(root) {
  return JSON.parse(
    execFileSync(process.execPath, [self, root, "child"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
}

/** Microseconds of processor time for one of each verb. */
async function measure(root) {
  const folder = mkdtempSync(join(tmpdir(), "resetkit-versions-"));
  try {
    const kit = await engines(root, folder);
    const request = await timed(kit.emails, (identifier) => kit.locked.request({ identifier }));
    const tokens = await kit.tokens();
    const validate = await timed(tokens, async (token) => {
      if (!(await kit.locked.validate({ token }))) throw new Error("A good token was refused.");
    });
    const half = tokens.length / 2;
    const confirm = (reset) => (token) => reset.confirm({ token, password: "thunder marmalade quay" });
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
async function timed(items, work) {
  const warm = items.length / 10;
  for (const item of items.slice(0, warm)) await work(item);
  const before = process.cpuUsage();
  for (const item of items.slice(warm)) await work(item);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (items.length - warm);
}

/** The checkout's engine twice, on one database: with `users.lock`, and without it. */
async function engines(root, folder) {
  const load = (path) => import(pathToFileURL(join(root, "dist", path)).href);
  const { passwordReset } = await load("index.js");
  const { migrate, sqlStore } = await load("stores/sql.js");
  const { betterSqlite3 } = await load("connections/better-sqlite3.js");
  const db = new Database(join(folder, "data.db"));
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  db.exec("create table users (id integer primary key, email text unique, hash text)");
  const emails = Array.from({ length: count }, (_, index) => `person${index}@example.com`);
  const insert = db.prepare("insert into users (email, hash) values (?, 'a hash')");
  db.transaction(() => emails.forEach((email) => insert.run(email)))();
  const connection = betterSqlite3(db);
  await migrate(connection);

  const byEmail = db.prepare("select * from users where email = ?");
  const byId = db.prepare("select * from users where id = ?");
  const update = db.prepare("update users set hash = ? where id = ? and hash = ? and email = ?");
  const users = {
    findByIdentifier: (email) => byEmail.get(email),
    findById: (id) => byId.get(id),
    stateOf: ({ hash, email }) => [hash, email],
    setPassword: ({ id }, password, { expected }) =>
      update.run(`${password} of ${id}`, id, ...expected).changes === 1,
    revokeSessions: () => undefined,
  };
  const tokens = [];
  const make = (more) =>
    passwordReset({
      users: { ...users, ...more },
      store: sqlStore(connection),
      secret: "kJ8vQ2mX7pR4tY9wB3nC6zL1sD5fG0hA",
      url: "https://example.com/reset/{token}",
      throttles: false,
      validators: [],
      deliver: (message) => void (message.kind === "reset" && tokens.push(message.token)),
      log: { info() {}, warn() {}, error() {} },
      ...outside,
    });
  let outside = { worker: { mode: "outside", maxWaiting: 1_000_000 } };
  try {
    make({});
  } catch {
    // The first version has no bound on the queue.
    outside = { worker: "outside" };
  }
  const locked = make({ lock: (id) => byId.get(id) });
  return {
    emails,
    locked,
    stepped: make({}),
    async tokens() {
      while (tokens.length < count) await locked.drain();
      return tokens;
    },
  };
}

function evidence(before, ratios, times) {
  const commit = (root) =>
    execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  const spread = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    return `${median(sorted).toFixed(2)} (${sorted[0].toFixed(2)}–${sorted.at(-1).toFixed(2)})`;
  };
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const rows = verbs.map((verb, index) => {
    const [old, now] = [0, 1].map((side) => median(times[index].map((pair) => pair[side])).toFixed(0));
    const [ratio, control] = [0, 1].map((side) => spread(ratios[index].map((pair) => pair[side])));
    return `| ${verb} | ${old} | ${now} | ${ratio} | ${control} |`;
  });
  return `# What a verb costs beside an earlier version

\`npm run bench:versions -- FOLDER\`, where the folder is a built checkout of ${commit(before)}; this one is ${commit(here)}. ${new Date().toISOString().slice(0, 10)}, on
${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load average ${loadavg()[0].toFixed(1)} at the end.

Processor time of the process, in microseconds of one call, on SQLite in a file, without HTTP: ${count.toLocaleString("en")} accounts, one call after the
other, ${rounds} rounds in alternating order. A ratio is a median, with the least and the greatest of the rounds in brackets. The control is this
checkout beside itself.

| verb | ${commit(before)} | ${commit(here)} | ratio | control |
| --- | ---: | ---: | ---: | ---: |
${rows.join("\n")}
`;
}
