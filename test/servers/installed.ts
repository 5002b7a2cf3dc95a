import { existsSync } from "node:fs";
import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./debian.js";
import { once } from "./shared.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A copy of a folder of this project beside a `node_modules` that has resetkit in it as npm would put it there:
 * packed and unpacked, so that its maps of exports and imports are what is used. The packages named in `more`
 * are this project's own.
 */
export function installedBeside(name: string, source: string, more: readonly string[] = []): Promise<string> {
  return once(`installed-${name}`, async (folder) => {
    const modules = join(folder, "node_modules");
    await cp(join(root, source), folder, { recursive: true });
    await mkdir(modules);
    const manifest = join(folder, "package.json");
    if (!existsSync(manifest)) await writeFile(manifest, '{ "private": true, "type": "module" }');
    // A copy: through a link, Deno would take it for code of the application.
    await cp(await unpacked(), join(modules, "resetkit"), { recursive: true });
    for (const one of more) {
      await mkdir(dirname(join(modules, one)), { recursive: true });
      await symlink(join(root, "node_modules", one), join(modules, one));
    }
    return folder;
  });
}

function unpacked(): Promise<string> {
  return once("installed", async (folder) => {
    if (!existsSync(join(root, "dist/index.js")))
      throw new Error("resetkit is not built: run `npm run build` first.");
    await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder, "--loglevel=error"], {
      cwd: root,
    });
    const tarball = (await readdir(folder)).find((file) => file.endsWith(".tgz"))!;
    await run("tar", ["-xzf", tarball], { cwd: folder });
    return join(folder, "package");
  });
}
