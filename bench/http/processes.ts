import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Burst, Probe, ProberReady, Statuses, Steady } from "./prober.js";
import type { Ready, ServerOptions, Usage } from "./system.js";

export interface Server {
  readonly port: number;
  usage(): Promise<Usage>;
  /** Hashes and nothing else; see `server.ts`. */
  hashOnly(ms: number, inFlight: number): Promise<{ readonly hashes: number; readonly ms: number }>;
  stop(): Promise<void>;
}

/** Starts a server process; `profiles` is a folder for the profile of its processor time. */
export async function startServer(options: ServerOptions, profiles?: string): Promise<Server> {
  const profiling = ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${profileOf(options)}`];
  const child = await start("server", [JSON.stringify(options)], profiles ? profiling : []);
  const { port } = child.first as Ready;
  return {
    port,
    usage: () => child.ask<Usage>("usage"),
    hashOnly: (hashFor, inFlight) => child.ask({ hashFor, inFlight }),
    stop: child.stop,
  };
}

/** The file that the profile of a server process goes to. */
export function profileOf(options: Omit<ServerOptions, "url">): string {
  const { program, framework, database, hash, change, worker, hashing = "", threads = "" } = options;
  return `${[program, framework, database, hash, change, worker, hashing, threads].join("-")}.cpuprofile`;
}

export interface Prober {
  /** The port of the sink of mails. */
  readonly sink: number;
  /** Milliseconds of its processor time. */
  spent(): Promise<number>;
  steady(load: Steady): Promise<Probe>;
  burst(load: Burst): Promise<Statuses>;
  stop(): Promise<void>;
}

export async function startProber(): Promise<Prober> {
  const child = await start("prober", [], []);
  const { sink } = child.first as ProberReady;
  return {
    sink,
    spent: async () => (await child.ask<{ cpu: number }>("usage")).cpu,
    steady: (steady) => child.ask({ steady }),
    burst: (burst) => child.ask({ burst }),
    stop: child.stop,
  };
}

async function start(name: string, args: readonly string[], execArgv: string[]) {
  const program = resolve(`bench/dist/bench/http/${name}.js`);
  if (!existsSync(program)) throw new Error("The bench is not built: run `npm run build` first.");
  const child = fork(program, args, { execArgv, env: { ...process.env, NODE_ENV: "production" } });
  const first = await answerOf(child);
  return {
    first,
    async ask<T>(message: object | string): Promise<T> {
      const answer = answerOf(child);
      child.send(message);
      return (await answer) as T;
    },
    async stop() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`A process of the bench ended with ${String(code)}.`);
  });
  try {
    return ((await Promise.race([once(child, "message", { signal }), ended])) as unknown[])[0];
  } finally {
    ended.catch(() => undefined);
    over.abort();
  }
}
