import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import type { MarkdownRenderer } from "vitepress";

const root = fileURLToPath(new URL("..", import.meta.url));
const docs = join(root, "docs");
const source = "https://github.com/placeholder_organization/resetkit/blob/main";

/** Links that leave `docs/`, such as to an example, lead to the repository. One to a file that isn't there fails the build. */
export function linkOutside(md: MarkdownRenderer): void {
  md.core.ruler.after("inline", "links-outside", ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet("href");
      if (token.type !== "link_open" || !href || /^(?:[a-z]+:|\/|#)/.test(href) || !env.path) continue;
      const [path, hash = ""] = href.split("#") as [string, string?];
      const file = resolve(dirname(env.path), decodeURIComponent(path));
      const page = relative(docs, file);
      if (!page.startsWith("..") && file.endsWith(".md")) {
        // A folder's README is its index (`rewrites` in the configuration).
        token.attrSet("href", href.replace(/(^|\/)README\.md/, "$1index.md"));
        continue;
      }
      if (!existsSync(file))
        throw new Error(`${relative(root, env.path)} links to ${href}, which isn't there.`);
      token.attrSet("href", `${source}/${relative(root, file)}${hash && `#${hash}`}`);
    }
  });
}

/** The id of a heading, as GitHub makes it, so that a link to it works on both. */
export function idOfHeading(heading: string): string {
  const kept = heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "");
  return kept.replaceAll(" ", "-");
}

/** Code blocks that name their file become tabs, if one follows the other. On GitHub they stay blocks. */
export const groupTitledBlocks: Plugin = {
  name: "titled-blocks",
  enforce: "pre",
  transform(text: string, id: string) {
    if (!id.endsWith(".md")) return undefined;
    return text.replace(/(?:^```\w+ \[[^\n]+\]\n[\s\S]*?^```\n\s*)+/gm, (blocks) => {
      return `::: code-group\n\n${blocks.trim()}\n\n:::\n\n`;
    });
  },
};
