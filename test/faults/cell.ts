/** One cell of the matrix: a process meets a fault, another takes over, and what came of it is judged. */
import { spawn } from "node:child_process";
import type { Errand } from "./child.js";
import { openEngine, poolSize, type Engine, type Place } from "./engine.js";
import { meeting, noting, type Fault, type Harm } from "./fault.js";
import { newPassword, stages, type Stage, type Work } from "./stages.js";

const minute = 60_000;
export const stageNames: readonly Stage[] = ["ask", "confirm", "tidy"];

export interface Ground {
  readonly place: Place;
  readonly child: string;
  readonly harm?: Pick<Harm, "cut" | "restart"> | undefined;
  /** The engine that takes over; it meets no fault. */
  readonly heir: Engine;
  cells: number;
}

export async function prepare(place: Place, child: string, harm?: Ground["harm"]): Promise<Ground> {
  const heir = await openEngine(place, Date.UTC(2026, 0, 1));
  await heir.create();
  return { place, child, harm, heir, cells: 0 };
}

/** The names of the calls of a stage, in their order. */
export async function callsOf(ground: Ground, stage: Stage): Promise<string[]> {
  const names: string[] = [];
  const work = await setUp(ground, stage);
  const engine = await openEngine(ground.place, ground.heir.clock.now, noting(names));
  // A process checks once that the state moves: the heir has done so, a new process does it in every cell.
  await stages[stage](engine, work, () => undefined);
  await engine.close();
  await recover(ground);
  return names;
}

/** What is wrong after the cell: nothing, it is to be hoped. */
export async function runCell(ground: Ground, stage: Stage, fault: Fault): Promise<string[]> {
  const work = await setUp(ground, stage);
  const { now } = ground.heir.clock;
  const said =
    fault.kind === "kill -9"
      ? await inChild(ground.child, { place: ground.place, now, stage, work, fault })
      : await inThisProcess(ground, now, stage, work, fault);
  const events = await recover(ground);
  return judge(ground, stage, work, [...said, ...events]);
}

async function setUp(ground: Ground, stage: Stage): Promise<Work> {
  const { heir } = ground;
  const n = ++ground.cells;
  // A day for each cell: what is left of one is over in the next.
  heir.clock.now = Date.UTC(2026, 0, 1) + n * 48 * 60 * minute;
  await heir.reset.clearExpired();
  const person = { id: `p${n}`, email: `person${n}@example.com`, hash: "salt$old" };
  await heir.accounts.add(person);
  if (stage === "ask") return { person, token: "" };

  await heir.reset.request({ identifier: person.email });
  await heir.reset.drain();
  const [mail] = await heir.accounts.mailsTo(person.email);
  // A mail takes its time: rows that are as old as a change may have been made after it, and stay.
  heir.clock.now += stage === "tidy" ? 25 * 60 * minute : minute;
  return { person, token: mail!.token };
}

async function inThisProcess(
  { place, harm }: Ground,
  now: number,
  stage: Stage,
  work: Work,
  fault: Fault,
): Promise<string[]> {
  const said: string[] = [];
  let hangs!: () => void;
  const hung = new Promise<"hung">((resolve) => (hangs = () => resolve("hung")));
  // Some calls aren't awaited, so the stage may end before the harm is done.
  let striking: Promise<void> | undefined;
  const around = meeting(fault, {
    cut: () => (striking = harm!.cut!()),
    restart: () => (striking = harm!.restart!()),
    hang: hangs,
  });
  const engine = await openEngine(place, now, around, (event) => said.push(event));
  const done = stages[stage](engine, work, (what) => said.push(what)).catch(() => said.push("refused"));
  const end = await Promise.race([done, hung]);
  await striking;
  if (end === "hung") engine.abandon();
  else await engine.close();
  return said;
}

/** Runs an errand in a process that will not survive it; gives what it said. */
export async function inChild(
  child: string,
  errand: Errand,
  killAfter?: () => Promise<unknown>,
): Promise<string[]> {
  const running = spawn(process.execPath, [child, JSON.stringify(errand)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  let errors = "";
  running.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => running.once("close", resolve));
  running.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (killAfter && text.includes('"accepted"')) void killAfter().then(() => running.kill("SIGKILL"));
  });
  const code = await ended;
  if (code !== 0 && code !== null) throw new Error(`The process ended with ${code}: ${errors}`);
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .map((line) => (typeof line === "string" ? line : line.event));
}

/** Time passes, and a worker without faults looks at what is due; gives what it told. */
export async function recover({ heir }: Ground): Promise<string[]> {
  const told: string[] = [];
  const undo = (["refused", "failed"] as const).map((name) =>
    heir.reset.on(name, () => void told.push(name)),
  );
  const start = heir.clock.now;
  // A retry, the end of a lease, the end of a confirm's lease, mails under way that count no more, and changes that were
  // given up, for which a worker looks ten minutes or more.
  for (const passed of [
    0,
    2_000,
    31_000,
    62_000,
    64_000,
    2 * minute,
    4 * minute,
    6 * minute,
    9 * minute,
    14 * minute,
    20 * minute,
    35 * minute,
  ]) {
    heir.clock.now = start + passed;
    await ticking(() => heir.reset.drain());
  }
  // All connections at once: one that was cut is found now, and not by whoever judges.
  await ticking(() => Promise.all(Array.from({ length: poolSize }, () => heir.accounts.mailsTo("nobody"))));
  for (const step of undo) step();
  return told;
}

/** Calls may find their connections cut, as ticks of a worker may: after as many as the pool has, they are new. */
async function ticking(tick: () => Promise<unknown>): Promise<unknown> {
  for (let failures = 0; ; failures++) {
    try {
      return await tick();
    } catch (error) {
      if (failures === poolSize) throw error;
    }
  }
}

async function judge(
  { heir }: Ground,
  stage: Stage,
  { person, token }: Work,
  said: string[],
): Promise<string[]> {
  const wrong: string[] = [];
  const { accounts, presented, reset, store } = heir;
  const must = (holds: boolean, sentence: string) => void (holds || wrong.push(sentence));
  const mails = await accounts.mailsTo(person.email);
  const links = mails.filter(({ kind }) => kind === "reset");
  const isGood = (one: string) => reset.validate(presented(person, one));

  if (stage === "ask" && said.includes("accepted")) {
    const isTold = said.includes("failed") || said.includes("refused");
    must(links.length > 0, isTold ? "no mail came, only an event" : "an accepted request was lost");
  }
  if (stage === "ask") must(links.length <= 2, `${links.length} mails of one request`);

  const { changes } = await accounts.look(person.id);
  if (changes === 0 && stage !== "tidy") {
    for (const link of links) must(await isGood(link.token), "a mail's token does not work");
  }
  if (stage === "tidy") must(!(await isGood(token)), "an expired token works");
  must(changes <= 1, `the password was changed ${changes} times`);
  if (said.includes("confirmed")) must(changes === 1, "a confirm succeeded and changed nothing");

  // The owner, three times at once: exactly one change in all, and none where there was one.
  const last = stage === "tidy" ? undefined : links.at(-1)?.token;
  if (last) {
    const answers = await Promise.allSettled(
      [1, 2, 3].map(() => reset.confirm({ ...presented(person, last), password: newPassword })),
    );
    const winners = answers.filter(({ status }) => status === "fulfilled").length;
    must(winners + changes === 1, `${winners} confirms succeeded after ${changes} changes`);
    for (const link of links) must(!(await isGood(link.token)), "the password is changed and a token usable");
    await reset.drain();
    heir.clock.now += 2 * minute;
    await reset.drain();
    const after = await accounts.look(person.id);
    must(after.changes === 1 && after.password === newPassword, "the new password is not the one");
    must(after.sessions === 0, "sessions outlived the change");
    const notices = (await accounts.mailsTo(person.email)).filter(({ kind }) => kind === "changed").length;
    must(notices >= 1 && notices <= 2, `${notices} notices of one change`);
  }
  const rows = await store.tokens.liveOf(person.id, { scope: "", now: heir.clock.now });
  must(rows.length === 0, `${rows.length} rows of tokens are left`);
  const entries = await store.queue!.lease(9, heir.clock.now + 24 * 60 * minute, 0);
  must(entries.length === 0, `${entries.length} entries of the queue are left`);
  for (const { id } of entries) await store.queue!.done(id);
  return wrong;
}
