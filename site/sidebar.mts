import { readFileSync } from "node:fs";

interface Item {
  readonly text: string;
  readonly link: string;
}

/** The map of docs/README.md as a sidebar: a group for each heading, a link for each of its links. */
export function sidebar(): { text: string; items: Item[] }[] {
  const map = readFileSync(new URL("../docs/README.md", import.meta.url), "utf8");
  return map
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [text = "", ...lines] = section.split("\n");
      const items = lines.flatMap((line) => linksOf(line));
      // No group can be closed: VitePress puts a button into a button for that, which screen readers can't tell apart.
      return { text, items };
    });
}

/** A row of a table is named by its first cell, since all of its links are called "Guide". */
function linksOf(line: string): Item[] {
  const [, row] = /^\| ([^|]+?) +\|/.exec(line) ?? [];
  return [...line.matchAll(/\[([^\]]+)\]\(([^)]+\.md)(#[\w-]+)?\)/g)]
    .filter(([, , path]) => !path!.startsWith(".."))
    .map(([, text, path, hash = ""]) => ({
      text: capital(text === "Guide" && row ? row : text!),
      link: `/${path!.replace(/(^|\/)README\.md$/, "$1").replace(/\.md$/, "")}${hash}`,
    }));
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
