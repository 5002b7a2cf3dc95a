import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { minute } from "../../evidence.js";
import { migrate } from "resetkit/stores/sql";
import { bandOf, isSeen, reachOf } from "../judge.js";
import { open } from "../database.js";
import { type Comparison, compare, median } from "../statistics.js";
import { addressOf, engineOn, type OwnMailPlan, prefixOf, type Subject, subjects, tickOf } from "./engine.js";
import type { Ask, Told } from "./process.js";

/** How long the attacker's own email took, by whom it was requested after; milliseconds. */
export interface OwnMail {
  readonly worker: "inside" | "outside";
  readonly database: string;
  readonly transport: number;
  readonly rounds: number;
  readonly date: string;
  readonly medians: Readonly<Record<Subject, number>>;
  /** `known` against each of the others. */
  readonly pairs: Readonly<Record<Exclude<Subject, "known">, Comparison>>;
  readonly void: readonly string[];
  readonly isMet: boolean;
}

/** Rounds of each lane that aren't counted: until emails were sent, it isn't known how long they take. */
const warmUp = 3;

/** Requests a reset for each subject in random order, each followed by one for an address of the attacker's own. */
export async function measureOwnMail(plan: OwnMailPlan): Promise<OwnMail> {
  const { place, worker, lanes, rounds, transport } = plan;
  const here = open(place);
  for (let lane = 0; lane < lanes; lane++) await migrate(here.connection, { prefix: prefixOf(lane) });
  const child = fork(resolve("bench/dist/bench/timing/own-mail/process.js"), {
    execArgv: [],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const waiting = new Map<string, (at: number) => void>();
  const heard = (what: Told["what"], address = "") =>
    new Promise<number>((done) => void waiting.set(`${what} ${address}`, done));
  child.on("message", ({ what, address, at }: Told) => waiting.get(`${what} ${address}`)?.(at));
  const ready = heard("ready");
  child.send(plan);
  const ended = new Promise((_, reject) =>
    child.once("exit", () => reject(new Error("The worker ended in the middle of a measurement."))),
  );
  await Promise.race([ready, ended]);
  const engines = Array.from({ length: lanes }, (_, lane) =>
    engineOn(here.connection, plan, lane, "outside", () => undefined),
  );

  async function delayOf(subject: Subject, lane: number, number: number): Promise<number> {
    const [first, own] = [addressOf(subject, lane, number), addressOf("own", lane, number)];
    const arrived = heard("arrived", own);
    await pause(randomInt(tickOf(plan) + 1));
    let askedAt: number;
    if (worker === "inside") {
      const asked = heard("asked", own);
      child.send({ lane, first, own } satisfies Ask);
      askedAt = await asked;
    } else {
      await engines[lane]!.request({ identifier: first });
      askedAt = performance.timeOrigin + performance.now();
      await engines[lane]!.request({ identifier: own });
    }
    const delay = (await arrived) - askedAt;
    const count = { text: `select count(*) as n from ${prefixOf(lane)}queue`, rows: true };
    while (Number((await here.connection.query(count, [])).rows[0]!.n) > 0) await pause(2);
    return delay;
  }

  const each = Math.ceil(rounds / lanes);
  const times = Object.fromEntries(subjects.map((subject) => [subject, new Float64Array(each * lanes)]));
  async function runLane(lane: number): Promise<void> {
    let number = 0;
    for (let round = -warmUp; round < each; round++) {
      const left = [...subjects];
      while (left.length > 0) {
        const [subject] = left.splice(randomInt(left.length), 1);
        const delay = await delayOf(subject!, lane, number++);
        if (round >= 0) times[subject!]![round * lanes + lane] = delay;
      }
    }
  }
  try {
    await Promise.race([Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane))), ended]);
  } finally {
    child.kill();
    await here.close();
  }
  return judged(plan, times as Record<Subject, Float64Array>, transport);
}

function judged(plan: OwnMailPlan, times: Record<Subject, Float64Array>, transport: number): OwnMail {
  const against = (other: Subject) => compare(times.known, times[other]);
  const pairs = { unknown: against("unknown"), again: against("again"), planted: against("planted") };
  const band = bandOf(plan.worker);
  const amiss = [
    ...(reachOf(pairs.again) > band ? ["known differs from itself"] : []),
    ...(isSeen(pairs.planted) && reachOf(pairs.planted) > band ? [] : ['"planted" is not seen']),
  ];
  return {
    ...{ worker: plan.worker, database: plan.place.database, transport, rounds: times.known.length },
    date: minute(),
    medians: Object.fromEntries(subjects.map((one) => [one, median(times[one])])) as Record<Subject, number>,
    ...{ pairs, void: amiss, isMet: reachOf(pairs.unknown) <= band },
  };
}
