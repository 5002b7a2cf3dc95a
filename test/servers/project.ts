import { existsSync } from "node:fs";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./debian.js";
import { packages } from "./packages.js";
import { once } from "./shared.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A folder such as a user has: the files of an example, or none, the packages that its package.json names,
 * and resetkit as it is installed, from the last build.
 */
export function project(name: string, source: string | object): Promise<string> {
  return once(`project-${name}`, async (folder) => {
    if (!existsSync(join(root, "dist/index.js"))) throw new Error("There is no build: npm run build first.");
    const isExample = typeof source === "string";
    if (isExample) await cp(join(root, source), folder, { recursive: true });
    const manifest = isExample ? await manifestOf(folder) : source;
    // Links of files, not of the folder: bundlers look where a file really is.
    await run("cp", ["-al", await packages(name, manifest), join(folder, "node_modules")]);

    const installed = join(folder, "node_modules/resetkit");
    await mkdir(installed);
    for (const part of ["dist", "package.json"]) {
      await cp(join(root, part), join(installed, part), { recursive: true });
    }
    return folder;
  });
}

/** The package.json of an example, without resetkit, which is installed from here. */
async function manifestOf(folder: string): Promise<object> {
  const { dependencies, ...rest } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const { resetkit: _, ...others } = dependencies;
  return { ...rest, dependencies: others };
}
