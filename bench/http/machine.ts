import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Linux counts in hundredths of a second. */
const msPerTick = 10;
export const cores = availableParallelism();

interface Stat {
  readonly parent: number;
  readonly own: number;
  readonly endedChildren: number;
}

/** Milliseconds of processor time that the whole machine has spent, with what the host took from it. */
export function spentByAll(): number {
  const [line] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user, nice, system, , , irq, softirq, steal] = line!.trim().split(/\s+/).slice(1).map(Number);
  return (user! + nice! + system! + irq! + softirq! + steal!) * msPerTick;
}

/** … that a process and all that it started have spent, also those that have ended. */
export function spentByTree(root: number): number {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readStat(name) : undefined;
    if (stat) stats.set(Number(name), stat);
  }
  const isBelow = (pid: number): boolean => {
    const parent = stats.get(pid)?.parent;
    return pid === root || (parent !== undefined && isBelow(parent));
  };
  let spent = 0;
  for (const [pid, { own, endedChildren }] of stats) if (isBelow(pid)) spent += own + endedChildren;
  return spent * msPerTick;
}

/** … that this process's children have spent that have ended, such as a load client. */
export function spentByEndedChildren(): number {
  return readStat("self")!.endedChildren * msPerTick;
}

function readStat(name: string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${name}/stat`, "utf8");
    // The name of the program, in brackets, may hold blanks.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    return { parent: fields[1]!, own: fields[11]! + fields[12]!, endedChildren: fields[13]! + fields[14]! };
  } catch {
    return undefined;
  }
}
