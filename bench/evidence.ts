import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem, type as kernel } from "node:os";
import { writeFile } from "node:fs/promises";

/** The lines that every evidence file begins with: what was run, where, and when. */
export function circumstances(command: string, servers: readonly string[]): string {
  return `- Command: \`${command}\`
- Date: ${today()}
- Machine: ${machine()}
- Load average at the end: ${loadavg()[0]!.toFixed(1)}${isRealTime() ? "; the run had real-time priority (`chrt --fifo 10`), so that other programs took little from it" : ""}
- The databases' files: ${tmpdir()}
${servers.map((server) => `- ${server}`).join("\n")}`;
}

/** Date and time to the minute, in UTC. */
export function today(): string {
  return `${minute()} UTC`;
}

/** The same for a table whose head or sentence names the time zone. */
export function minute(): string {
  return new Date().toISOString().slice(0, 16).replace("T", " ");
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu!.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, ${kernel()} ${release().split(".").slice(0, 2).join(".")}; Node ${process.versions.node}`;
}

function library(): string {
  try {
    return execFileSync("git", ["log", "-1", "--format=%h", "--", "src"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

/** Whether the scheduler runs this process before all ordinary ones (Linux). */
function isRealTime(): boolean {
  try {
    const [, afterName] = readFileSync("/proc/self/stat", "utf8").split(") ");
    return afterName!.split(" ")[38] === "1";
  } catch {
    return false;
  }
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export async function writeEvidence(name: string, text: string): Promise<void> {
  await writeFile(`docs/evidence/${name}.md`, text);
  console.log(`docs/evidence/${name}.md is written.`);
}

/** The figures of one part of the benchmarks, with their circumstances. */
export interface Kept<T> {
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  /** The last commit that changed the library: figures of an older one are not those of the code as it is. */
  readonly library: string;
  readonly figures: T;
}

const keptIn = "docs/evidence/benchmarks.json";

/** Each part is run by itself, since it wants the machine for itself; what it found is kept for the page of all. */
export async function keepFigures(part: string, command: string, figures: unknown): Promise<void> {
  const kept: Kept<unknown> = { command, date: today(), machine: machine(), library: library(), figures };
  await writeFile(keptIn, `${JSON.stringify({ ...readKept(), [part]: kept }, null, 1)}\n`);
}

export function readKept(): Readonly<Record<string, Kept<any> | undefined>> {
  return existsSync(keptIn) ? JSON.parse(readFileSync(keptIn, "utf8")) : {};
}
