/**
 * Real Django, where Debian's `python3-django` is there or can be installed.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DjangoCheckSettings, DjangoUser } from "resetkit/tokens/django";

export type Site = Required<DjangoCheckSettings>;

export type Question =
  | { readonly ask: "make"; readonly site: Site; readonly user: DjangoUser; readonly now: string }
  | {
      readonly ask: "check";
      readonly site: Site;
      readonly user: DjangoUser;
      readonly now: string;
      readonly token: string;
    }
  | { readonly ask: "encode" | "decode"; readonly text: string };

const python = "/usr/bin/python3";
const script = fileURLToPath(new URL("django-site.py", import.meta.url));

/** Whether Django can be asked; as root it is installed where it is missing. */
export function hasDjango(): boolean {
  if (runs(python, ["-c", "import django"])) return true;
  if (process.getuid?.() !== 0) return false;
  runs("apt-get", ["update"]);
  return runs("apt-get", ["install", "-y", "--no-install-recommends", "python3-django"]);
}

/** Puts all questions to one process of Django. */
export function askDjango(questions: readonly Question[]): {
  readonly django: string;
  readonly answers: readonly any[];
} {
  const input = JSON.stringify(questions);
  return JSON.parse(
    execFileSync(python, ["-W", "ignore", script], { input, maxBuffer: 64 * 1024 * 1024, encoding: "utf8" }),
  );
}

function runs(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore", timeout: 110_000 });
    return true;
  } catch {
    return false;
  }
}
