import { type ChildProcess, fork } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { addressOf, controls, type Kind, kinds } from "./classes.js";
import { connect, type Connection, get, post } from "./connection.js";
import { fill, open, type Opened, type Place } from "./database.js";
import { controlHeader, type Ended, type Ready, type Start } from "./messages.js";
import { median } from "./statistics.js";

export interface Plan {
  readonly place: Place;
  readonly worker: "inside" | "outside";
  /** Of the worker, in milliseconds. */
  readonly tick: number;
  /** What follows each request on the second connection. */
  readonly probe: "validate" | "hello" | "watch";
  /** How many are measured. */
  readonly rounds: number;
  /** How many go before them. */
  readonly warmUp: number;
  /** From the start of one round to that of the next, at least, in milliseconds. */
  readonly pace: number;
  /** What the controls cost, in microseconds. */
  readonly planted: number;
  readonly late: number;
}

/** Microseconds, one for each round. */
export type Times = Readonly<Record<Kind, Float64Array>>;

export interface Measured {
  readonly version: string;
  /** Of the answer to the request. */
  readonly response: Times;
  /** Of the request that came next, on the other connection; with `watch`, of the slowest that did. */
  readonly next: Times;
  /** With `watch`: by how much all that came took longer together than so many usual ones. */
  readonly held?: Times;
  /** Different answers to the six classes, but for their date. */
  readonly answers: readonly string[];
  readonly seconds: number;
  readonly ended: readonly Ended[];
  /** Requests that were put off, and still wait. */
  readonly left: number;
}

/** So many requests may wait for the worker; where there are more, the next round waits. */
const backlog = 10 * kinds.length;
const lookEvery = 10;

/** Runs rounds of one request of each kind in random order, each followed by a probe. */
export async function measure(plan: Plan): Promise<Measured> {
  const { place, worker, tick, planted, late, rounds, warmUp } = plan;
  const here = open(place);
  await fill(here, warmUp + rounds, Date.now());
  const plantedWork = plan.probe === "watch" ? planted : 0;
  const start: Start = { place, worker, tick, planted, plantedWork, late };
  const server = await startProcess("server", start);
  const others = worker === "outside" ? [await startProcess("worker", start)] : [];
  const { port } = server.ready;
  const connections = [await connect(port), await connect(port)] as const;
  try {
    const figures = await runRounds(plan, here, connections);
    const version = await here.version();
    for (const connection of connections) connection.end();
    const ended: Ended[] = [];
    for (const one of [server, ...others]) ended.push(await one.end());
    return { version, ...figures, ended, left: await here.waiting() };
  } finally {
    for (const { child } of [server, ...others]) child.kill();
    await here.close();
  }
}

async function runRounds(
  { rounds, warmUp, pace, probe, tick }: Plan,
  here: Opened,
  [first, second]: readonly [Connection, Connection],
): Promise<Pick<Measured, "response" | "next" | "held" | "answers" | "seconds">> {
  const response = timesOf(rounds);
  const next = timesOf(rounds);
  const held = timesOf(rounds);
  const answers = new Set<string>();
  const order = [...kinds];
  const probes = {
    hello: async () => ({ micros: (await second.ask(get("/hello"))).micros }),
    validate: async () => {
      const token = randomBytes(32).toString("base64url");
      const { micros, text } = await second.ask(post("/api/password_reset/validate_token/", { token }));
      if (!text.startsWith("HTTP/1.1 404 ")) throw new Error(`A junk token was answered by ${text}`);
      return { micros };
    },
    watch: () => watch(second, tick + 5),
  } satisfies Record<Plan["probe"], () => Promise<Probed>>;
  let startedAt = performance.now();
  for (let round = 0; round < warmUp + rounds; round++) {
    if (round === warmUp) startedAt = performance.now();
    const endsAt = performance.now() + pace * (0.9 + randomInt(200) / 1_000);
    shuffle(order);
    for (const kind of order) {
      const answer = await first.ask(requestOf(kind, round));
      const probed: Probed = await probes[probe]();
      if (round < warmUp) continue;
      response[kind][round - warmUp] = answer.micros;
      next[kind][round - warmUp] = probed.micros;
      held[kind][round - warmUp] = probed.held ?? 0;
      answers.add(answer.text.replace(/\r\nDate: [^\r]*/, ""));
    }
    if (round % lookEvery === 0) while ((await here.waiting()) > backlog) await pause(2);
    await pause(Math.max(0, endsAt - performance.now()));
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return { response, next, ...(probe === "watch" && { held }), answers: [...answers], seconds };
}

/** What a probe says of one request: see `Measured`. */
interface Probed {
  readonly micros: number;
  readonly held?: number;
}

/** Asks without a pause for so many milliseconds. */
async function watch(connection: Connection, time: number): Promise<Probed> {
  const until = performance.now() + time;
  const hello = get("/hello");
  const times: number[] = [];
  while (performance.now() < until) times.push((await connection.ask(hello)).micros);
  const usual = median(times);
  return { micros: Math.max(...times), held: times.reduce((sum, micros) => sum + micros - usual, 0) };
}

function requestOf(kind: Kind, round: number): Buffer {
  const mark = (controls as readonly string[]).includes(kind) ? kind : "none";
  return post(
    "/api/password_reset/",
    { email: addressOf(kind, round) },
    { [controlHeader]: mark, "X-Filling": "-".repeat(8 - mark.length) },
  );
}

function timesOf(rounds: number): Times {
  return Object.fromEntries(kinds.map((kind) => [kind, new Float64Array(rounds)])) as Record<
    Kind,
    Float64Array
  >;
}

function shuffle(list: Kind[]): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly ready: Ready;
  end(): Promise<Ended>;
}

async function startProcess(name: "server" | "worker", start: Start): Promise<Started> {
  const program = resolve(`bench/dist/bench/timing/${name}.js`);
  if (!existsSync(program)) throw new Error("The timing bench is not built: run `npm run build` first.");
  // Outside production, why an email isn't sent is logged each time.
  const child = fork(program, { execArgv: [], env: { ...process.env, NODE_ENV: "production" } });
  const heard = async () => {
    const [message] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => {
        throw new Error(`The ${name} ended with ${code} in the middle of a measurement.`);
      }),
    ]);
    return message;
  };
  child.send(start);
  const ready: Ready = await heard();
  return {
    child,
    ready,
    end() {
      child.send("end");
      return heard();
    },
  };
}
