import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./debian.js";
import { once } from "./shared.js";

/**
 * The `node_modules` of packages that are no dependencies of ours, since they are large, or differ from
 * machine to machine: once on a machine, in the system's temporary folder, until the manifest (what stands in
 * package.json) changes. Their install scripts do not run, unless `runScripts` is set. The registry must be in reach.
 */
export function packages(
  name: string,
  manifest: object,
  { runScripts = false }: { readonly runScripts?: boolean } = {},
): Promise<string> {
  const wanted = wantedOf(name, manifest);
  return once(`packages-${wanted.name}`, () => installed(wanted, runScripts));
}

/** The same for who has no place for servers: two that ask at once may both install, and one is thrown away. */
export function packagesAlone(name: string, manifest: object): Promise<string> {
  return installed(wantedOf(name, manifest));
}

function wantedOf(name: string, manifest: object): { readonly name: string; readonly text: string } {
  const text = JSON.stringify({ name: `resetkit-${name}`, private: true, ...manifest });
  const key = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return { name: `${name}-${key}`, text };
}

async function installed({ name, text }: ReturnType<typeof wantedOf>, runScripts = false): Promise<string> {
  const folder = join(tmpdir(), `resetkit-${name}`);
  if (!existsSync(folder)) await install(text, folder, runScripts);
  return join(folder, "node_modules");
}

async function install(manifest: string, folder: string, runScripts: boolean): Promise<void> {
  const part = `${folder}.${randomUUID()}`;
  await mkdir(part);
  try {
    await writeFile(join(part, "package.json"), manifest);
    const scripts = runScripts ? [] : ["--ignore-scripts"];
    await run("npm", ["install", ...scripts, "--no-audit", "--no-fund", "--loglevel=error"], { cwd: part });
    // Another run may have been faster.
    await rename(part, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } catch (cause) {
    const { dependencies } = JSON.parse(manifest);
    const names = Object.entries(dependencies ?? {}).map(([one, version]) => `${one}@${String(version)}`);
    throw new Error(
      `npm could not install ${names.join(", ")} (${reasonOf(cause)}): is the registry in reach?`,
      {
        cause,
      },
    );
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** The first line of what npm printed that is neither a code nor a stack. */
function reasonOf(cause: unknown): string {
  const { stderr, message } = cause as { stderr?: string; message: string };
  const lines = (stderr || message)
    .split("\n")
    .map((line) => line.replace(/^npm (ERR!|error)\s*/, "").trim());
  return lines.find((line) => line !== "" && !/^(code|errno|syscall) /.test(line)) ?? "no reason given";
}
