/**
 * Creates a section of CHANGELOG.md from changesets, and reads one back: `node scripts/changelog.mjs 0.2.0` prints the
 * changes of that version, for the release notes.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const headings = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/** The changes of a version, without its heading, or `undefined` if CHANGELOG.md doesn't have the version. */
export function changesIn(changelog, version) {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${version}\n`));
  return section?.slice(version.length).trim();
}

/** The changelog with a new version on top. */
export function withVersion(changelog, version, changesets) {
  const place = changelog.search(/^## /m);
  const end = place === -1 ? changelog.length : place;
  return `${changelog.slice(0, end)}${sectionOf(version, changesets)}\n${changelog.slice(end)}`;
}

function sectionOf(version, changesets) {
  const changes = [...changesets].map(([file, text]) => changeOf(file, text));
  const groups = headings.flatMap((heading) => {
    const lines = changes.filter((change) => change.heading === heading).map(({ line }) => line);
    return lines.length > 0 ? [`### ${heading}\n\n${lines.join("\n")}\n`] : [];
  });
  return `## ${version}\n\n${groups.join("\n")}`;
}

/** A changeset's text starts with the heading that it belongs under: `Fixed: …`. */
function changeOf(file, text) {
  const body = text.replace(/^---\n[\s\S]*?\n---\n/, "").trim();
  const [, heading, change] = /^(\w+): ([\s\S]+)$/.exec(body) ?? [];
  if (!headings.includes(heading)) {
    throw new Error(
      `.changeset/${file} starts with ${JSON.stringify(body.slice(0, 40))}. Start it with one of ${headings.join(", ")} and a colon, such as "Fixed: …".`,
    );
  }
  return { heading, line: `- ${change.replaceAll("\n", "\n  ").replace(/^ +$/gm, "")}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , version = ""] = process.argv;
  const changelog = readFileSync(new URL("../CHANGELOG.md", import.meta.url), "utf8");
  const changes = changesIn(changelog, version);
  if (changes === undefined) {
    throw new Error(
      `CHANGELOG.md has no section "## ${version}". Pass a version that it has: node scripts/changelog.mjs 0.2.0`,
    );
  }
  console.log(changes);
}
