/**
 * Turns the changesets into the next version: `node scripts/version.mjs` sets it in package.json and the lock file, writes
 * its section of CHANGELOG.md, and removes the changesets. Commit the result, and tag that commit.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withVersion } from "./changelog.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file) => readFileSync(join(root, file), "utf8");

const files = readdirSync(join(root, ".changeset")).filter((file) => /(?<!README)\.md$/.test(file));
if (files.length === 0) throw new Error("There are no changesets. Add one with: npx changeset");
const changesets = new Map(files.sort().map((file) => [file, read(`.changeset/${file}`)]));
// A dry run, to find a changeset without a heading before the next command removes it.
withVersion("", "", changesets);

const changeset = join(root, "node_modules/@changesets/cli/bin.js");
execFileSync(process.execPath, [changeset, "version"], { cwd: root, stdio: "inherit" });
const { version } = JSON.parse(read("package.json"));
writeFileSync(join(root, "CHANGELOG.md"), withVersion(read("CHANGELOG.md"), version, changesets));

const lock = JSON.parse(read("package-lock.json"));
lock.version = lock.packages[""].version = version;
writeFileSync(join(root, "package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
console.log(`Next: commit, wait for CI, then push the tag v${version}.`);
