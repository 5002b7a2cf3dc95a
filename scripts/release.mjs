/**
 * Exits with 1 and prints the reasons if this commit must not be published: `node scripts/release.mjs [TAG]`.
 * The release workflow runs it before it installs anything. `npm publish` also runs it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { changesIn } from "./changelog.mjs";

/** Replaces the organization's name until there is one. GitHub doesn't allow underscores, so no one can register it. */
const placeholder = "placeholder_organization";

/** The reasons why a folder can't be released, as sentences. `repository` is the `OWNER/NAME` that releases it. */
export function reasonsAgainst(folder, { tag, repository } = {}) {
  const read = (file) => readFileSync(join(folder, file), "utf8");
  const manifest = JSON.parse(read("package.json"));
  const { version } = manifest;
  const reasons = [];

  const standing = filesOf(folder).filter((file) => read(file).includes(placeholder));
  if (standing.length > 0) {
    reasons.push(
      `${standing.join(", ")} still ${standing.length === 1 ? "has" : "have"} "${placeholder}". Replace it with the organization on GitHub.`,
    );
  } else if (repository !== undefined && manifest.repository?.url !== urlOf(repository)) {
    reasons.push(
      `repository.url in package.json is ${JSON.stringify(manifest.repository?.url)}, but ${repository} is releasing it. Set it to "${urlOf(repository)}".`,
    );
  }
  if (tag !== undefined && tag !== `v${version}`) {
    reasons.push(`The tag is "${tag}", but package.json has version "${version}". Tag it as v${version}.`);
  }
  if (!changesIn(read("CHANGELOG.md"), version)) {
    reasons.push(
      `CHANGELOG.md has no section "## ${version}". Write one with: node scripts/version.mjs. For the first version, rename "## Unreleased".`,
    );
  }
  const pending = readdirSync(join(folder, ".changeset")).filter((file) => /(?<!README)\.md$/.test(file));
  if (pending.length > 0) {
    reasons.push(
      `.changeset has changes that no version includes: ${pending.join(", ")}. Run: node scripts/version.mjs`,
    );
  }
  return reasons;
}

/** The files that name the organization. */
function filesOf(folder) {
  const nested = readdirSync(join(folder, ".github"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length).replaceAll("\\", "/"))
    .map((path) => posix.join(".", path.replace(/^\//, "")));
  return ["package.json", "README.md", "SECURITY.md", "CODE_OF_CONDUCT.md", ...nested.sort()];
}

function urlOf(repository) {
  return `git+https://github.com/${repository}.git`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , tag] = process.argv;
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const reasons = reasonsAgainst(folder, { tag, repository: process.env.GITHUB_REPOSITORY });
  for (const reason of reasons) console.error(reason);
  if (reasons.length > 0) process.exitCode = 1;
  else console.log("This commit can be released.");
}
