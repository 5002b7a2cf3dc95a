/** Writes docs/decisions/README.md, with one line per decision: `node scripts/decisions.mjs`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const introduction = `# Decisions

Choices that would surprise a reader of the code: the context, what we chose, and what we gave up. Numbers are never
reused, and gaps between them mean nothing. \`node scripts/decisions.mjs\` writes this list.
`;

/** The index of a folder of decision pages. */
export function indexOf(folder) {
  const pages = readdirSync(folder).filter((file) => /^\d{3}-.*\.md$/.test(file));
  const lines = pages.sort().map((page) => lineOf(page, readFileSync(join(folder, page), "utf8")));
  return `${introduction}\n${lines.join("\n")}\n`;
}

function lineOf(page, text) {
  const heading = /^# (\d{3}) (.+)\n/.exec(text);
  if (heading?.[1] !== page.slice(0, 3)) {
    throw new Error(`${page} must start with "# ${page.slice(0, 3)} " and a title. Correct its first line.`);
  }
  return `- [${heading[1]}](${page}): ${heading[2]}`;
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] === self) {
  const folder = fileURLToPath(new URL("../docs/decisions/", import.meta.url));
  writeFileSync(join(folder, "README.md"), indexOf(folder));
}
