/** Pages that say which test shows what: whether those tests exist. */
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "./package/packed.js";

/** Whether a test file has a test with this in its title. */
export function isTest(file: string, title: string): boolean {
  return titlesWith(file, title).length > 0;
}

/** The lines of a test file that have this in them: of a test, its title. */
export function titlesWith(file: string, title: string): readonly string[] {
  const path = join(root, file);
  if (!existsSync(path) || title.length < 7) return [];
  const source = readFileSync(path, "utf8").replaceAll("\\'", "'");
  return source.split("\n").filter((line) => line.includes(title));
}

/** The links to tests in a page of `docs/evidence`: the text is a part of a test's title. */
export function linksToTests(markdown: string): { readonly file: string; readonly title: string }[] {
  return [...markdown.matchAll(/\[([^\]]+)\]\((\.\.\/\.\.\/test\/[^)]+\.test\.ts)\)/g)].map(
    ([, title, path]) => ({
      title: title!,
      file: posix.join("docs/evidence", path!),
    }),
  );
}
