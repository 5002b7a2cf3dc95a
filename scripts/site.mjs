/** Runs VitePress in `site/`, and installs it there first if it isn't: `npm run docs`, `npm run docs:dev`. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const site = fileURLToPath(new URL("../site", import.meta.url));

/** TypeDoc and VitePress, from the lock file of `site/`. No package runs a script. */
export function installTools() {
  if (existsSync(join(site, "node_modules/vitepress"))) return;
  const install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  execFileSync("npm", install, { cwd: site, stdio: "inherit" });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installTools();
  const vitepress = join(site, "node_modules/vitepress/bin/vitepress.js");
  execFileSync(process.execPath, [vitepress, process.argv[2] ?? "build", site], { stdio: "inherit" });
}
