import { fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect, post } from "../timing/connection.js";
import { type Ask, floodOf, ownAsk, type Plan } from "./plan.js";
import type { Flooded, Seen } from "./server.js";

export interface Outcome {
  /** How often each status was answered to the flood. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers with 429 that didn't say when to try again. */
  readonly withoutWait: number;
  /** The owners' own requests. */
  readonly owners: readonly { readonly email: string; readonly askedAt: number; readonly status: string }[];
  /** How long the flood took by the wall clock, in milliseconds. */
  readonly took: number;
  readonly seen: Seen;
}

export const connections = 32;
/** After the flood, what may still be on its way by the wall clock. */
const rest = 5_000;

/** Sends the flood at an even rate, through connections that stay open, and the owners' requests in between. */
export async function runFlood(plan: Plan, flooded: Flooded): Promise<Outcome> {
  const statuses: Record<string, number> = {};
  const owners: { email: string; askedAt: number; status: string }[] = [];
  let withoutWait = 0;
  const asks = allOf(plan);
  const all = plan.requests + plan.owners;
  const startedAt = performance.now();
  const lasts = plan.lasts / plan.speed;
  let sent = 0;

  const client = async () => {
    const connection = await connect(flooded.port);
    for (let next = asks.next(); !next.done; next = asks.next()) {
      const { ip, email, owner } = next.value;
      const dueIn = startedAt + (sent++ * lasts) / all - performance.now();
      if (dueIn > 1) await pause(dueIn);
      const askedAt = Date.now();
      const { text } = await connection.ask(
        post("/api/password_reset/", { email }, { "X-Forwarded-For": ip }),
      );
      const status = text.slice(9, 12);
      if (owner !== undefined) owners.push({ email, askedAt, status });
      else statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === "429" && !/\r\nretry-after: [1-9]/i.test(text)) withoutWait++;
    }
    connection.end();
  };
  await Promise.all(Array.from({ length: connections }, client));
  const took = performance.now() - startedAt;
  if (plan.worker === "nine") await pause(rest);
  return { statuses, withoutWait, owners, took, seen: await flooded.end(plan.worker === "usual") };
}

function* allOf(plan: Plan): Generator<Ask> {
  const every = Math.floor(plan.requests / plan.owners);
  let n = 0;
  for (const ask of floodOf(plan)) {
    if (n % every === 0 && n / every < plan.owners) yield ownAsk(n / every);
    n++;
    yield ask;
  }
}

/** Starts the server in a process of its own. */
export async function forkServer(plan: Plan): Promise<Flooded> {
  const child = fork(resolve("bench/dist/bench/flood/process.js"), {
    execArgv: [],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const heard = async () => {
    const [message] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => {
        throw new Error(`The server ended with ${code} in the middle of the flood.`);
      }),
    ]);
    return message;
  };
  child.send(plan);
  const { port } = await heard();
  return {
    port,
    end(drains) {
      child.send({ drains });
      return heard();
    },
  };
}
