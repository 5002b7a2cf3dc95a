/**
 * How long a start takes: the part `start` of `npm run bench`.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { type Spread, spread } from "./http/figures.js";
import { betterAuthPackages } from "./http/packages.js";

export interface StartResults {
  readonly runs: number;
  /** Milliseconds beyond those of a Node that imports nothing, round by round. */
  readonly imports: Readonly<Record<string, Spread>>;
  /** Milliseconds of a Node that imports nothing. */
  readonly node: Spread;
  /** Milliseconds from the start of the process to the first 200 of `/healthz`: with an empty folder, and later. */
  readonly demoFirst: Spread;
  readonly demoAgain: Spread;
  /** MiB once it is ready. */
  readonly demoMemory: Spread;
}

export async function measureStart(isQuick: boolean): Promise<StartResults> {
  const runs = isQuick ? 3 : 15;
  const packages = await betterAuthPackages();
  const betterAuth = pathToFileURL(join(packages, "better-auth/dist/index.mjs")).href;
  const programs: Readonly<Record<string, string>> = {
    'import { passwordReset } from "resetkit"': 'import { passwordReset } from "resetkit";',
    "with sqlStore, pg and the adapter for node:http":
      'import "resetkit"; import "resetkit/stores/sql"; import "resetkit/connections/pg"; import "resetkit/adapters/node";',
    'import { betterAuth } from "better-auth"': `import { betterAuth } from ${JSON.stringify(betterAuth)};`,
  };
  const bareTimes: number[] = [];
  const beyond: Record<string, number[]> = {};
  // The first round only fills the caches of the file system.
  for (let round = 0; round <= runs; round++) {
    const without = timeOf(";");
    if (round > 0) bareTimes.push(without);
    for (const [name, program] of Object.entries(programs)) {
      const took = timeOf(program) - without;
      if (round > 0) (beyond[name] ??= []).push(took);
    }
  }
  const demos = { first: [] as number[], again: [] as number[], memory: [] as number[] };
  for (let round = 0; round < Math.min(runs, 9); round++) {
    const folder = await mkdtemp(join(tmpdir(), "resetkit-demo-"));
    demos.first.push((await startDemo(folder)).took);
    const { took, memory } = await startDemo(folder);
    demos.again.push(took);
    demos.memory.push(memory);
    await rm(folder, { recursive: true });
  }
  return {
    runs,
    imports: Object.fromEntries(Object.entries(beyond).map(([name, times]) => [name, spread(times)])),
    node: spread(bareTimes),
    demoFirst: spread(demos.first),
    demoAgain: spread(demos.again),
    demoMemory: spread(demos.memory),
  };
}

/** From a file, as programs are: Node reads what it is given by `-e` in another way, and the loader of files is not ours. */
function timeOf(program: string): number {
  const file = resolve("bench/dist/imported.mjs");
  writeFileSync(file, program);
  const begin = performance.now();
  execFileSync(process.execPath, [file]);
  return performance.now() - begin;
}

async function startDemo(folder: string): Promise<{ took: number; memory: number }> {
  const env = { ...process.env, PORT: "0", HOST: "127.0.0.1", DATA_DIR: folder, BASE_URL: "" };
  const begin = performance.now();
  const demo = spawn(process.execPath, ["server/dist/main.js", "demo"], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const url = await urlOf(demo);
    while (!(await isHealthy(url))) await pause(5);
    const took = performance.now() - begin;
    const status = await readFile(`/proc/${demo.pid}/status`, "utf8");
    return { took, memory: Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]) / 1024 };
  } finally {
    const ended = once(demo, "exit");
    demo.kill("SIGTERM");
    await ended;
  }
}

async function urlOf(demo: ChildProcess): Promise<string> {
  let printed = "";
  for await (const chunk of demo.stdout!) {
    printed += String(chunk);
    const url = /ready: (\S+)/.exec(printed)?.[1];
    if (url) return url;
  }
  throw new Error(`The demo did not start: ${printed}`);
}

async function isHealthy(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}
