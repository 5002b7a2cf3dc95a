/** Runs VitePress in `site/`, after installing it if needed: `npm run docs`, `npm run docs:dev`. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const site = fileURLToPath(new URL("../site", import.meta.url));

/** Installs TypeDoc and VitePress from the lock file of `site/`. Packages can't run install scripts. */
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
