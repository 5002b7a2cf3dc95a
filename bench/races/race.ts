import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { passwordReset } from "resetkit";
import type { Message } from "resetkit/types";
import type { Person } from "./accounts.js";
import { open, type Opened, type Track } from "./databases.js";
import { type Answers, type Mode, type Round, secret, type Start } from "./messages.js";

/** What came of some rounds of one kind. */
export interface Tally {
  readonly mode: Mode;
  readonly rounds: number;
  /** How many rounds had so many successes. */
  readonly successes: Readonly<Record<number, number>>;
  /** How many callers got which answer. */
  readonly answers: Readonly<Record<string, number>>;
  /** Rounds after which the account did not have the winner's password, or still had a session. */
  readonly wrongEnds: number;
  /** What engines wrote into their logs. */
  readonly errors: readonly string[];
}

export const processes = 4;
export const connections = 16;
/** Accounts take turns, so that a round does not wait for what the last one left behind. */
const leastPeople = 20;
/** From the call to the start, in milliseconds: long enough for the slowest process to hear of it. */
const notice = 15;

/** Runs rounds of simultaneous confirms from several processes. `rounds` says how many of each kind. */
export async function race(track: Track, rounds: Partial<Record<Mode, number>>): Promise<Tally[]> {
  const here = open(track);
  // One for each round of a kind: a mailbox gets at most twelve emails a day.
  const people = Math.max(leastPeople, ...Object.values(rounds));
  await here.create(people);
  const tallies: Tally[] = [];
  const racers = await Promise.all(
    Array.from({ length: processes }, (_, index) => startRacer({ track, connections, name: `${index}` })),
  );
  try {
    for (const [mode, count] of Object.entries(rounds) as [Mode, number][]) {
      if (mode.endsWith("lock") && !here.canLock) continue;
      tallies.push(await run(here, racers, { mode, rounds: count, people }));
    }
  } finally {
    for (const racer of racers) racer.send("end");
    await here.close();
  }
  return tallies;
}

async function run(
  here: Opened,
  racers: readonly ChildProcess[],
  { mode, rounds, people }: { readonly mode: Mode; readonly rounds: number; readonly people: number },
): Promise<Tally> {
  const makeTokens = mode === "seed" ? seedTokens(here) : engineTokens(here, mode.startsWith("two") ? 2 : 1);
  const successes: Record<number, number> = {};
  const answers: Record<string, number> = {};
  const errors: string[] = [];
  let wrongEnds = 0;
  for (let round = 0; round < rounds; round++) {
    const userId = (round % people) + 1;
    const tokens = await makeTokens(userId);
    const told = await callAll(racers, { mode, tokens, at: Date.now() + notice });
    for (const code of told.flatMap(({ codes }) => codes)) answers[code] = (answers[code] ?? 0) + 1;
    errors.push(...told.flatMap((one) => one.errors));
    const passwords = told.flatMap((one) => one.passwords);
    successes[passwords.length] = (successes[passwords.length] ?? 0) + 1;
    if (mode !== "seed" && !(await endedWell(here, userId, passwords))) wrongEnds++;
  }
  return { mode, rounds, successes, answers, wrongEnds, errors };
}

/** Tokens out of mails, as a user gets them. */
function engineTokens({ store, accounts }: Opened, count: number): (userId: number) => Promise<string[]> {
  const mailed: string[] = [];
  const keep = (message: Message<Person>) => void (message.kind === "reset" && mailed.push(message.token));
  const reset = passwordReset({
    users: accounts.users,
    store,
    secret,
    url: "https://app.example.com/reset/{token}",
    deliver: Object.assign(keep, { dryRun: () => undefined }),
    throttles: false,
    worker: "outside",
  });
  return async (userId) => {
    const user = await accounts.byId(userId);
    for (let i = 0; i < count; i++) {
      await reset.request({ identifier: user.email });
      await reset.drain();
    }
    return mailed.splice(0);
  };
}

function seedTokens({ seed }: Opened): (userId: number) => Promise<string[]> {
  return async (userId) => {
    const token = randomUUID();
    await seed.put(token, userId);
    return [token];
  };
}

async function endedWell(
  { accounts }: Opened,
  userId: number,
  passwords: readonly string[],
): Promise<boolean> {
  const [password] = passwords;
  if (password === undefined) return false;
  return (await accounts.hasPassword(userId, password)) && (await accounts.sessionsOf(userId)) === 0;
}

async function startRacer(start: Start): Promise<ChildProcess> {
  const program = resolve("bench/dist/bench/races/racer.js");
  if (!existsSync(program)) throw new Error("The races are not built: run `npm run build` first.");
  const racer = fork(program, { execArgv: [] });
  racer.send(start);
  await once(racer, "message");
  return racer;
}

async function callAll(racers: readonly ChildProcess[], round: Round): Promise<Answers[]> {
  const answers = racers.map((racer) => once(racer, "message"));
  for (const racer of racers) racer.send(round);
  return (await Promise.all(answers)).map(([answer]) => answer as Answers);
}
