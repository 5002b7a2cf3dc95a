import { random } from "#crypto";
import { base64url } from "../../crypto/encoding.js";
import type { Project } from "../project/project.js";
import type { Answers } from "./answers.js";
import { relativeImport } from "./clients.js";
import { engineFile, exportsFor } from "./engine.js";
import { mountFor, type Lines } from "./mounts.js";

/** What `init` will write, and what's left for the user to do. Nothing has been written yet. */
export interface Plan {
  readonly files: readonly PlannedFile[];
  /** Lines to append to `.env`. */
  readonly environment: readonly string[];
  /** Lines to add to existing files. */
  readonly lines: readonly Lines[];
  /** The user's next steps, in order. */
  readonly steps: readonly string[];
}

export interface PlannedFile {
  readonly path: string;
  readonly text: string;
  /** Whether the file already exists, and so stays as it is. */
  readonly isKept: boolean;
}

export function planFor(answers: Answers, project: Project): Plan {
  const { isTypeScript, modules } = project;
  const mount = mountFor(answers.framework, project);
  // Frameworks with a bundler read .js files as ES modules, regardless of package.json.
  const isCommonJs = !isTypeScript && modules === "commonjs" && !mount.isLazy;
  const ending = isTypeScript ? "ts" : isCommonJs ? "mjs" : "js";
  const engine = `${mount.engine}.${ending}`;
  const filled = (text: string, from: string) =>
    text.replaceAll("{engine}", relativeImport(from, engine, mount.isLazy));
  const engineText = engineFile(answers, project, { path: engine, isTypeScript }, mount);
  const texts: (readonly [path: string, text: string])[] = [
    [engine, engineText],
    ...(mount.files ?? []).map(({ path, text }) => {
      const file = `${path}.${ending}`;
      return [file, filled(`${text(isTypeScript).join("\n")}\n`, file)] as const;
    }),
  ];
  const names = exportsFor(answers);
  if (!mount.isLazy && names.length > 0) texts.push(configFile(names, engine, ending, mount.isLazy));
  const lines = (mount.lines ?? []).map((one) => ({
    ...one,
    imports: one.imports.map((line) => importIn(filled(line, one.file), isCommonJs)),
  }));
  return {
    files: texts.map(([path, text]) => ({ path, text, isKept: project.has(path) })),
    environment: environmentFor(project),
    lines,
    steps: stepsFor(answers, project, engineText),
  };
}

/** The configuration for `npx resetkit doctor` and the other commands. A bundled app gets none, since Node can't load its files. */
function configFile(
  names: readonly string[],
  engine: string,
  ending: string,
  isBundled: boolean,
): readonly [path: string, text: string] {
  const path = `resetkit.config.${ending}`;
  return [path, `export { ${names.join(", ")} } from "${relativeImport(path, engine, isBundled)}";\n`];
}

/** `require` can load ES modules since Node 20.19, so a CommonJS application keeps using it. */
function importIn(line: string, isCommonJs: boolean): string {
  return isCommonJs ? line.replace(/^import (.*) from (.*);$/, "const $1 = require($2);") : line;
}

function environmentFor(project: Project): string[] {
  const wanted: readonly (readonly [string, string])[] = [
    ["RESET_SECRET", base64url(random(32))],
    ["APP_URL", "http://localhost:3000"],
  ];
  return wanted.filter(([name]) => !isSet(name, project)).map(([name, value]) => `${name}=${value}`);
}

/** Whether `.env` has a variable. */
function isSet(name: string, project: Project): boolean {
  return new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`, "m").test(project.read(".env"));
}

function stepsFor({ framework, packageManager }: Answers, project: Project, engine: string): string[] {
  const steps: string[] = [];
  if (!project.packages.has("resetkit")) steps.push(`${installs[packageManager]} resetkit`);
  if (!/^\s*\/?\.env\b/m.test(project.read(".gitignore"))) {
    steps.push("Add .env to .gitignore, because it contains a secret.");
  }
  if (engine.includes("DATABASE_URL") && !isSet("DATABASE_URL", project)) {
    steps.push("Add your database's DATABASE_URL to .env, unless your app's environment has it.");
  }
  if (loadsNoEnvironment.has(framework) && !project.packages.has("dotenv")) {
    steps.push(
      "Start your app with --env-file=.env, an option of Node and tsx, so that it reads the secret.",
    );
  }
  steps.push("Open /forgot-password, and look for the link in the terminal.");
  return steps;
}

const installs = { npm: "npm install", pnpm: "pnpm add", yarn: "yarn add", bun: "bun add" } as const;

/** Frameworks that don't load .env by themselves. */
const loadsNoEnvironment = new Set(["express", "fastify", "nestjs", "hono", "koa", "node"]);
