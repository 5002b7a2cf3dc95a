/** The package as npm packs it, laid out where a project that has installed it finds it. */
import { existsSync, readdirSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
// @ts-expect-error -- a plain script, without types of its own
import { entriesOf as entries } from "../../scripts/entries.mjs";
import { run } from "../servers/debian.js";
import { once } from "../servers/shared.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Packed {
  readonly tarball: string;
  /** Its files, unpacked. */
  readonly folder: string;
}

/** Packs what was built, once in a run. */
export async function packed(): Promise<Packed> {
  const place = await once("packed", async (folder) => {
    if (!existsSync(join(root, "dist/index.js"))) {
      throw new Error("The package is not built: run `npm run build` first.");
    }
    const pack = ["pack", "--ignore-scripts", "--pack-destination", folder];
    await run("npm", pack, { cwd: root });
    await run("tar", ["-xzf", tarballIn(folder), "-C", folder]);
    return folder;
  });
  return { tarball: tarballIn(place), folder: join(place, "package") };
}

function tarballIn(folder: string): string {
  return join(
    folder,
    readdirSync(folder).find((file) => file.endsWith(".tgz"))!,
  );
}

/**
 * Puts the package into a project's `node_modules`, and beside it links to packages that are dependencies of
 * ours; `"@types"` links all of that scope.
 */
export async function installInto(project: string, ...others: readonly string[]): Promise<void> {
  const { folder } = await packed();
  const modules = join(project, "node_modules");
  await mkdir(join(modules, "resetkit"), { recursive: true });
  // Not a link: from its true place it would find our own node_modules.
  await run("cp", ["-R", `${folder}/.`, join(modules, "resetkit")]);
  for (const name of others) {
    await mkdir(join(modules, name, ".."), { recursive: true });
    await symlink(join(root, "node_modules", name), join(modules, name));
  }
}

/** Each name that the package can be imported by, and the file that it gives. */
export const entriesOf: (folder: string) => ReadonlyMap<string, string> = entries;
