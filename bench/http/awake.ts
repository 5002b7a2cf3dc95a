/**
 * Keeps the processors from idling while something is measured.
 *
 * Between the answers of a slow server the load client falls asleep, and whoever sends to a sleeper has to wake
 * a processor for it: several microseconds of the server's own time for a request. A server that is busier has a
 * client that sleeps less. So of two servers the slower one would pay more for the same answer, and ratios would
 * tell of the client.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { constants, setPriority } from "node:os";
import { cores, spentByTree } from "./machine.js";

export interface Awake {
  /** How it is done, as a sentence for the page. */
  readonly circumstance: string;
  /** Milliseconds of processor time that it has taken so far: ours, and no other program's. */
  spent(): number;
  stop(): void;
}

/** Spins on every processor, behind all that has anything to do. Ends with this process at the latest. */
export function keepAwake(): Awake {
  const isIdleClass = spawnSync("chrt", ["--idle", "0", "true"]).status === 0;
  const spinners = Array.from({ length: cores }, () => spin(isIdleClass));
  const stop = () => {
    process.off("exit", stop);
    for (const spinner of spinners) spinner.kill("SIGKILL");
  };
  process.on("exit", stop);
  const how = isIdleClass ? "`chrt --idle 0`" : "`nice -n 19`";
  return {
    circumstance: `The processors were kept from idling by programs that spin behind all others (${how}): to wake a client that sleeps costs the server several µs, and the slower a server is, the more its client sleeps`,
    spent: () => spinners.reduce((sum, { pid }) => sum + spentByTree(pid!), 0),
    stop,
  };
}

/** Looks now and then whether whoever started it is still there: a process that is killed tells nobody. */
const program = `
  for (;;) {
    for (let round = 0; round < 1e8; round++);
    if (process.ppid !== ${process.pid}) process.exit();
  }`;

function spin(isIdleClass: boolean) {
  const node = [process.execPath, "--eval", program];
  const [command, ...args] = isIdleClass ? ["chrt", "--idle", "0", ...node] : node;
  const spinner = spawn(command!, args, { stdio: "ignore" });
  if (!isIdleClass) setPriority(spinner.pid!, constants.priority.PRIORITY_LOW);
  spinner.unref();
  return spinner;
}
