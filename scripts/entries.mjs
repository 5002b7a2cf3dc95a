import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Each name that a package can be imported by, and the file that it gives: patterns are resolved. `fileOf` names
 * another file for a target, such as its source; what a pattern may stand for is then looked for among those.
 */
export function entriesOf(folder, fileOf = (target) => target.slice(2)) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const entries = new Map();
  for (const [path, target] of Object.entries(exports)) {
    if (path === "./package.json") continue;
    const file = fileOf(target);
    for (const part of path.includes("*") ? partsOf(folder, file) : [""]) {
      entries.set(name + path.slice(1).replace("*", part), file.replace("*", part));
    }
  }
  return entries;
}

/** What the `*` of a file's name may stand for. */
function partsOf(folder, file) {
  const [before, after] = file.split("*");
  return readdirSync(join(folder, before))
    .filter((found) => found.endsWith(after))
    .map((found) => found.slice(0, -after.length));
}
