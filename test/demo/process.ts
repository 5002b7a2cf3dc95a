import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../server/dist/main.js", import.meta.url));

/** The built demo as a process of its own. */
export interface DemoProcess {
  readonly url: string;
  /** Where its counters are. */
  readonly metrics: string;
  /** All that it wrote, to standard output and standard error. */
  output(): string;
  /** Ends it in order (SIGTERM); gives the exit code. */
  stop(): Promise<number | null>;
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>;
}

/** Starts the demo over a folder, on a free port; resolves once it says where it is. `node` is the Node to run it on. */
export async function startDemo(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
  node = process.execPath,
): Promise<DemoProcess> {
  const settings = { PORT: "0", METRICS_PORT: "0", DATA_DIR: dataDir, ...environment };
  const { child, output } = run(["demo"], settings, node);
  const exited = exitOf(child);
  const url = await Promise.race([
    until("the demo to say where it is", () => /http:\/\/\S+/.exec(output().stdout)?.[0]),
    exited.then((code) => {
      throw new Error(`The demo ended with ${code} and said: ${output().stderr}`);
    }),
  ]);
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return {
    url,
    metrics: /"metrics":"([^"]+)"/.exec(output().stderr)?.[1] ?? "",
    output: () => output().stdout + output().stderr,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
  };
}

/** Runs the program to its end. */
export async function runToEnd(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const { child, output } = run(args, environment);
  const code = await exitOf(child);
  return { code, ...output() };
}

/** A new folder for one test file's data, and the undo. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "resetkit-demo-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Asks every 20 ms until there is an answer; throws after `patience` milliseconds. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  patience = 15_000,
): Promise<T> {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Waited ${patience} ms in vain for ${what}.`);
}

function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  node = process.execPath,
) {
  if (!existsSync(program)) throw new Error("The demo is not built: run `npm run build` first.");
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(node, [program, ...args], { env: { PATH, HOME, ...environment } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return { child, output: () => ({ stdout, stderr }) };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("close", resolve));
}
