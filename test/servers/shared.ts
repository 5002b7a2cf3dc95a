import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { endServer, place } from "./place.js";

/** Starts a server in a folder of its own and gives its URL, once it answers. */
export type Start = (place: { readonly folder: string; readonly port: number }) => Promise<string>;

/**
 * The URL of a server that all files of a run share: the first that asks starts it, the others wait, and
 * the end of the run ends it. A variable such as `POSTGRES_URL` names one that runs already.
 */
export async function shared(name: string, start: Start): Promise<string> {
  const given = process.env[`${name.toUpperCase()}_URL`];
  if (given) return given;

  return once(name, async (folder) => start({ folder, port: await freePort() }));
}

/** A server that one test file has for itself, with data that outlive it. */
export interface OwnServer {
  readonly url: string;
  /** Ends it at once, as a crash would. */
  stop(): Promise<void>;
  /** Resolves once it answers again. */
  start(): Promise<void>;
}

/** Starts a server in a folder and on a port that are the caller's alone; `start` is called again after a stop. */
export async function ownServer(name: string, start: Start): Promise<OwnServer> {
  const folder = join(place().folder, `${name}-${crypto.randomUUID()}`);
  await mkdir(folder);
  const where = { folder, port: await freePort() };
  const url = await start(where);
  return {
    url,
    stop: () => endServer(`${folder}.pid`),
    start: async () => void (await start(where)),
  };
}

/** Does something once in a run, in a folder of its own, and gives what came of it to every file that asks. */
export async function once(name: string, work: (folder: string) => Promise<string>): Promise<string> {
  const folder = join(place().folder, name);
  const answer = `${folder}.json`;
  const first = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (first) {
    const outcome = await work(folder).then(
      (result) => ({ result }),
      (error: Error) => ({ error: error.message }),
    );
    await writeFile(`${answer}.part`, JSON.stringify(outcome));
    await rename(`${answer}.part`, answer);
  }
  while (!existsSync(answer)) await pause(50);
  const { result, error } = JSON.parse(await readFile(answer, "utf8"));
  if (error !== undefined) throw new Error(error);
  return result;
}

// Ends the server when it is told to, and when the run is gone without having said so.
const guard = `
  run=$1 signal=$2; shift 2
  "$@" & server=$!
  trap 'kill -s $signal $server' TERM
  while kill -0 $run 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 0.3; done
  kill -s $signal $server 2>/dev/null
  wait $server`;

/** Runs a server until the end of the test run; what it prints goes to `log` in its folder. */
export async function runServer(
  folder: string,
  command: readonly string[],
  signal: "KILL" | "QUIT" = "KILL",
): Promise<void> {
  const log = await open(join(folder, "log"), "w");
  const parts = ["-c", guard, "guard", String(place().run), signal, ...command];
  const process = spawn("sh", parts, { detached: true, stdio: ["ignore", log.fd, log.fd] });
  process.unref();
  await writeFile(`${folder}.pid`, String(process.pid));
  await log.close();
}

/** Tries until it works; after 30 seconds it throws what the server printed. */
export async function answering(folder: string, attempt: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await attempt();
      return;
    } catch (cause) {
      if (tries < 300) {
        await pause(100);
        continue;
      }
      const log = await readFile(join(folder, "log"), "utf8").catch(() => "");
      throw new Error(`The server in ${folder} does not answer. It printed: ${log.slice(-2_000)}`, { cause });
    }
  }
}

/**
 * A port of 127.0.0.1 that nobody listens on. Below those that systems give to whoever asks for any (32768 on Linux,
 * IANA's 49152 elsewhere): one of those may be another's connection by the time that a server has started.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const listener = createServer().listen(port, "127.0.0.1");
    const isFree = await new Promise<boolean>((resolve) => {
      listener.once("listening", () => resolve(true)).once("error", () => resolve(false));
    });
    if (!isFree) continue;
    await new Promise((resolve) => listener.close(resolve));
    return port;
  }
}
