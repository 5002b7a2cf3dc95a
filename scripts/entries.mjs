import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Maps each import path of a package to its file. Patterns in `exports` are resolved. */
export function entriesOf(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const entries = new Map();
  for (const [path, target] of Object.entries(exports)) {
    if (path === "./package.json" || target === null) continue;
    for (const part of path.includes("*") ? partsOf(folder, target) : [""]) {
      if (exports[path.replace("*", part)] === null) continue;
      entries.set(name + path.slice(1).replace("*", part), target.slice(2).replace("*", part));
    }
  }
  return entries;
}

/** What the `*` of a target can stand for. Files only, since folders next to them are closed (`null` in `exports`). */
function partsOf(folder, target) {
  const [before, after] = target.split("*");
  return readdirSync(join(folder, before))
    .filter((file) => file.endsWith(after))
    .map((file) => file.slice(0, -after.length));
}
