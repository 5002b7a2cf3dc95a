/**
 * The files of a build that nothing in the package loads. `dist` mirrors `src` file by file, but internals can't be imported,
 * and their code is in `dist/shared`. npm leaves these files out (docs/decisions/203-only-what-can-be-loaded-is-packed.md).
 */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import ts from "typescript";
import { entriesOf } from "./entries.mjs";

/** Their paths, from `dist` on: JavaScript, its maps, and types. */
export function unreachableIn(root) {
  const { bin, imports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const named = [...Object.values(bin), ...Object.values(imports["#crypto"])].map((target) =>
    target.slice(2),
  );
  const reached = new Set();
  for (const file of [...entriesOf(root).values(), ...named]) {
    follow(root, file, reached);
    follow(root, typesOf(file), reached);
  }
  return readdirSync(join(root, "dist"), { recursive: true })
    .filter((file) => /\.(js|js\.map|d\.ts)$/.test(file))
    .filter((file) => !reached.has(`dist/${file.replace(/\.map$/, "")}`))
    .sort();
}

/** Adds a file and all that it imports, now or when it's needed. */
function follow(root, file, reached) {
  if (reached.has(file)) return;
  reached.add(file);
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), "utf8"), true, true);
  for (const { fileName } of importedFiles.filter(({ fileName }) => fileName.startsWith("."))) {
    const next = posix.join(dirname(file), fileName);
    follow(root, file.endsWith(".d.ts") ? typesOf(next) : next, reached);
  }
}

function typesOf(file) {
  return file.replace(/\.js$/, ".d.ts");
}
