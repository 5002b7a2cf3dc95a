/**
 * Real Django, where Debian's `python3-django` is there or can be installed.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DjangoCheckSettings, DjangoUser } from "resetkit/tokens/django";
import { program } from "../servers/debian.js";

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

/** Whether Django can be asked; where this process may, it installs what is missing. */
export async function hasDjango(): Promise<boolean> {
  const find = `${python} -c 'import django' 2>/dev/null && echo ${python}`;
  return program(find, "python3-django").then(
    () => true,
    () => false,
  );
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
