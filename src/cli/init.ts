import { found, type Answers } from "./init/answers.js";
import { clients, frameworks } from "./init/detect.js";
import { planFor, type Plan } from "./init/plan.js";
import { agreed, confirmed } from "./init/prompts.js";
import { write } from "./init/write.js";
import { readProject } from "./project/project.js";
import { say, UsageError, type Call, type Command } from "./terminal.js";

export const init: Command = {
  name: "init",
  usage: "[--yes] [--dry-run] [--framework <name>] [--database <name>]",
  summary: "writes the files that add password reset to your app",
  help: `Detects which framework, database client, language, and package manager the app in this folder uses. Then it writes
password-reset.ts (or .js, .mjs), the routes that serve it, and a new secret in .env. It shows everything first, and
never changes existing files, except to add lines to .env.

  resetkit init                        asks, shows, and writes
  resetkit init --yes                  for scripts: uses what it detects
  resetkit init --dry-run              shows what it would write
  resetkit init --framework express    ${frameworks.join(", ")}
  resetkit init --database pg          ${clients.join(", ")}

Links are printed in the terminal until you configure email.`,
  options: {
    yes: { type: "boolean" },
    "dry-run": { type: "boolean" },
    framework: { type: "string" },
    database: { type: "string" },
  },
  async run(call) {
    if (call.words.length > 0) throw new UsageError("init takes no words, only options.");
    const project = readProject(call.terminal.folder);
    const isAsking = !call.options["yes"] && !call.options["dry-run"];
    if (isAsking && !process.stdin.isTTY) {
      throw new UsageError(
        "init asks questions, but there's no terminal to answer them in. Add --yes or --dry-run.",
      );
    }
    const chosen = withOptions(found(project), call);
    const answers = isAsking ? await confirmed(chosen) : chosen;
    if (!answers) return say(call, "Nothing was written.", { written: [] });

    const plan = planFor(answers, project);
    if (!call.options["json"]) call.terminal.out(preview(plan, answers));
    if (call.options["dry-run"] || (isAsking && !(await agreed()))) {
      return say(call, "Nothing was written.", { answers, plan: withoutSecret(plan), written: [] });
    }
    const written = write(plan, project);
    say(call, report(plan, written), { answers, plan: withoutSecret(plan), written });
  },
};

function withOptions(answers: Answers, { options }: Call): Answers {
  return {
    ...answers,
    framework: oneOf(frameworks, options["framework"], "--framework") ?? answers.framework,
    client: oneOf(clients, options["database"], "--database") ?? answers.client,
  };
}

function oneOf<T extends string>(known: readonly T[], given: unknown, option: string): T | undefined {
  if (given === undefined) return undefined;
  const value = known.find((one) => one === given);
  if (value) return value;
  throw new UsageError(`${option} is ${JSON.stringify(given)}. Use one of ${known.join(", ")}.`);
}

/** Shows everything before anything is written. */
function preview(plan: Plan, { framework, client, packageManager }: Answers): string {
  const files = plan.files.map(({ path, text, isKept }) =>
    isKept ? `${path} already exists, so it stays as it is.\n` : `${path}\n\n${indented(text)}\n`,
  );
  const environment =
    plan.environment.length > 0 ? [`.env\n\n${indented(masked(plan.environment).join("\n"))}\n`] : [];
  return [
    `Found: ${framework}, database client: ${client}, ${packageManager}.\n`,
    ...files,
    ...environment,
  ].join("\n");
}

function report(plan: Plan, written: readonly string[]): string {
  const lines = plan.lines.map(
    ({ file, where, imports, code }) =>
      `Add to ${file}, ${where}:\n\n${indented([...imports, "", ...code].join("\n"))}\n`,
  );
  const steps = plan.steps.map((step, index) => `${index + 1}. ${step}`);
  const kept = plan.files.filter(({ isKept }) => isKept).map(({ path }) => path);
  return [
    written.length > 0 ? `Wrote ${written.join(", ")}.` : "Nothing was written.",
    ...(kept.length > 0 ? [`Left unchanged: ${kept.join(", ")}.`] : []),
    "",
    ...lines,
    "Next:",
    ...steps,
  ].join("\n");
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, "  ");
}

/** Terminal output may be logged or recorded, so the secret is written only to the file. */
function masked(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/^(RESET_SECRET=).*/, "$1…"));
}

function withoutSecret(plan: Plan): Plan {
  return { ...plan, environment: masked(plan.environment) };
}
