import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Project } from "../project/project.js";
import type { Plan } from "./plan.js";

/** Carries out the plan. Never overwrites a file. Returns the paths that it wrote. */
export function write(plan: Plan, project: Project): readonly string[] {
  const written: string[] = [];
  for (const { path, text, isKept } of plan.files) {
    if (isKept) continue;
    const file = join(project.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    // Fails if the file has appeared in the meantime.
    writeFileSync(file, text, { flag: "wx" });
    written.push(path);
  }
  if (plan.environment.length > 0) {
    const there = project.read(".env");
    const gap = there === "" || there.endsWith("\n") ? "" : "\n";
    // Only the owner can read a new file, since it contains a secret.
    appendFileSync(join(project.folder, ".env"), `${gap}${plan.environment.join("\n")}\n`, { mode: 0o600 });
    written.push(".env");
  }
  return written;
}
