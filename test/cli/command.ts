import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Starts the command line, as it was built, in a folder. */
export function start(folder: string, ...args: string[]) {
  return spawn(process.execPath, [join(root, "dist/cli/main.js"), ...args], { cwd: folder });
}

/** Runs it to its end. */
export function resetkit(
  folder: string,
  ...args: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const child = start(folder, ...args);
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (err += chunk));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
}
