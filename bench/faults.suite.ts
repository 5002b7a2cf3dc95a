import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildChild } from "../test/faults/build.js";
import type { Place } from "../test/faults/engine.js";
import type { Kind } from "../test/faults/fault.js";
import { matrix, type Outcome } from "../test/faults/matrix.js";
import { killedWorkers, type Rounds } from "../test/faults/rounds.js";
import { faultyPostgres, faultyRedis, type FaultyServer } from "../test/faults/servers.js";

const parts = new Set((process.env["FAULTS"] || "sqlite postgres redis control rounds").split(" "));
const rounds = Number(process.env["ROUNDS"] ?? 1_000);
const everything: Kind[] = ["throw", "kill -9", "hang", "connection reset", "database restart"];
const local: Kind[] = ["throw", "kill -9", "hang"];

let folder: string;
let child: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-faults-"));
  child = await buildChild();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(child, { force: true });
  await write();
});

let files = 0;
const sqlite = () => join(folder, `${++files}.db`);

/** When, and on which machine. */
interface Run {
  readonly date: string;
  readonly on: string;
}

/** What is known so far, from this run and from earlier ones of other parts. */
interface Findings {
  matrix: Record<string, Partial<Record<Kind, Outcome & Run>>>;
  rounds: Record<string, Rounds & Run>;
}
const kept = "docs/evidence/faults.json";
const controlName = "control: SQLite, with a queue that forgets what it hands out";
const thisRun = (): Run => ({
  date: new Date().toISOString().slice(0, 10),
  on: `${cpus().length} × ${cpus()[0]?.model ?? "processor"}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
});

async function note(change: (findings: Findings) => void): Promise<void> {
  const text = await readFile(kept, "utf8").catch(() => '{"matrix":{},"rounds":{}}');
  const findings = JSON.parse(text) as Findings;
  change(findings);
  await mkdir("docs/evidence", { recursive: true });
  await writeFile(kept, `${JSON.stringify(findings, null, 2)}\n`);
}

async function cells(name: string, place: Place, kind: Kind, harm?: FaultyServer): Promise<Outcome> {
  const outcome = await matrix(place, child, [kind], { harm });
  await note((findings) => {
    findings.matrix[name] = { ...findings.matrix[name], [kind]: { ...outcome, ...thisRun() } };
  });
  return outcome;
}

const ways: [string, Pick<Place, "withLock" | "codes">][] = [
  ["one transaction", { withLock: true }],
  ["steps", { withLock: false }],
  ["codes, one transaction", { withLock: true, codes: true }],
  ["codes, steps", { withLock: false, codes: true }],
];

if (parts.has("sqlite")) {
  describe.each(ways)("SQLite, %s", (name, way) => {
    it.each(local)("%s", async (kind) => {
      expect((await cells(`SQLite, ${name}`, { users: sqlite(), ...way }, kind)).wrong).toEqual([]);
    });
  });
}

if (parts.has("postgres")) {
  describe.each(ways)("PostgreSQL, %s", (name, way) => {
    it.each(everything)("%s", async (kind) => {
      const server = await faultyPostgres();
      const { wrong } = await cells(`PostgreSQL, ${name}`, { users: server.url, ...way }, kind, server);
      await server.stop();
      expect(wrong).toEqual([]);
    });
  });
}

if (parts.has("redis")) {
  describe("Redis, users in SQLite, steps", () => {
    it.each(everything)("%s", async (kind) => {
      const server = await faultyRedis();
      const place = { users: sqlite(), redis: server.url, withLock: false };
      const { wrong } = await cells("Redis, users in SQLite, steps", place, kind, server);
      await server.stop();
      expect(wrong).toEqual([]);
    });
  });
}

if (parts.has("control")) {
  it("a queue that dies with the process loses mails (control)", async () => {
    const place = { users: sqlite(), withLock: false, forgetful: true };
    const { wrong } = await cells("control", place, "kill -9");
    expect(wrong.length).toBeGreaterThan(10);
  });
}

if (parts.has("rounds")) {
  it.each(["SQLite", "PostgreSQL"])("%s: killed workers", async (name) => {
    const users = name === "SQLite" ? sqlite() : (await faultyPostgres()).url;
    const counted = await killedWorkers({ users, withLock: true }, child, { rounds, requestsEach: 10 });
    await note((findings) => (findings.rounds[name] = { ...counted, ...thisRun() }));
    expect(counted).toMatchObject({ lost: 0, moreThanTwice: 0 });
  });

  it("a queue that forgets what it hands out loses mails (control)", async () => {
    const place = { users: sqlite(), withLock: true, hasty: true };
    const counted = await killedWorkers(place, child, { rounds: 50, requestsEach: 10 });
    await note((findings) => (findings.rounds[controlName] = { ...counted, ...thisRun() }));
    expect(counted.lost).toBeGreaterThan(50);
  });
}

async function write(): Promise<void> {
  const { matrix: places, rounds: killed } = JSON.parse(await readFile(kept, "utf8")) as Findings;
  const { control, ...real } = places;
  const all = Object.values(real).flatMap((kinds) => Object.values(kinds));
  const total = all.reduce((sum, { cells: count }) => sum + count, 0);
  const broken = all.reduce((sum, { wrong }) => sum + wrong.length, 0);
  const lost = control?.["kill -9"];
  const runs = (some: readonly Run[]) =>
    [...new Set(some.map(({ on, date }) => `${on}, ${date}`))].join("; ") || "no machine yet";
  const row = (columns: unknown[]) => `| ${columns.join(" | ")} |`;
  const text = `# Faults at every await

\`npm run bench:faults\` on ${runs(all)}. Databases and mails are real; the clock of the engine is moved by hand.

Every await of the engine is a call of a port (\`docs/decisions/050-faults-come-from-outside.md\`). Each call that a request, its
worker, a confirm, its notice and the clean-up make is met by every fault, once before it is carried out and once after.
Then another process takes over, fifteen minutes pass, and the owner uses the last link three times at once.

Cells, and how many promises were broken in them:

${row(["place", "calls", ...everything])}
| --- ${"| ---: ".repeat(everything.length + 1)}|
${Object.entries(real)
  .map(([name, kinds]) => {
    const found = everything.map((kind) => kinds[kind]);
    const calls = Math.max(...found.map((one) => one?.calls ?? 0));
    return row([name, calls, ...found.map((one) => (one ? `${one.cells}: ${one.wrong.length}` : "–"))]);
  })
  .join("\n")}

**${total} cells, ${broken} broken promises.** SQLite has no connection to reset and no server to restart; any other dash is a part that has not been run yet.
${lost ? `\nControl: with the queue in the memory of the process that dies, ${lost.cells} cells break ${lost.wrong.length} promises, ${lost.wrong.filter((line) => line.endsWith("request was lost")).length} of them a lost request.\n` : ""}
The promises: an accepted request becomes a mail; one request makes two mails at most; every mailed token works until the
password is changed, and none afterwards; of all confirms exactly one succeeds; a changed password ends the sessions and
becomes a notice, or two; no token and no queue entry is left over.

## Workers killed at a random moment

\`npm run bench:faults -- rounds\`: ten accounts ask; a worker starts, and is killed (\`kill -9\`) at a random moment of
the time that an undisturbed one takes; another takes over. On ${runs(Object.values(killed))}.

${row(["store", "rounds", "requests", "mails lost", "sent twice", "more than twice", "rounds torn in the middle"])}
| --- ${"| ---: ".repeat(6)}|
${Object.entries(killed)
  .map(([name, one]) =>
    row([name, one.rounds, one.requests, one.lost, one.twice, one.moreThanTwice, one.torn]),
  )
  .join("\n")}
`;
  await writeFile("docs/evidence/faults.md", text);
}
