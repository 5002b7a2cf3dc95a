import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The inputs that a target has been shown before, from `test/fuzz/corpus`: what reached new code, and what broke it once. */
export function readCorpus(folder: string, name: string): string[] {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as string[]) : [];
}

export function writeCorpus(folder: string, name: string, inputs: readonly string[]): void {
  // Lone halves of characters and control characters stay readable, and stay what they are.
  const text = JSON.stringify([...new Set(inputs)].sort(), null, 2).replace(
    /[^\x20-\x7e\n]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  writeFileSync(join(folder, `${name}.json`), `${text}\n`);
}
