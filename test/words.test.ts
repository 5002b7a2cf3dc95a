import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
// @ts-expect-error -- a plain script, without types of its own
import { filesToLint, findingsIn } from "../scripts/lint-words.mjs";

const found = (name: string, text: string): string[] =>
  findingsIn(name, text).map((finding: { found: string }) => finding.found);

/** What a plain reader would take for each rule of scripts/words.json: its first spelling. */
const samples = Object.keys(JSON.parse(readFileSync("scripts/words.json", "utf8"))).map((rule) =>
  rule.replaceAll(/\(.*?\)\?|\w\?|\?/g, ""),
);

describe("the lint for words", () => {
  it.each(samples)('finds "%s" in a page, a comment, and a message', (word) => {
    expect(found("page.md", `If ${word} does, it fails.`)).toEqual([word]);
    expect(found("a.ts", `// If ${word} does, it fails.\nexport const a = 1;`)).toEqual([word]);
    expect(found("a.ts", `throw new Error(\`If \${a} and ${word} do, it fails.\`);`)).toEqual([word]);
  });

  it("finds words that a line break separates, and names the line", () => {
    const text = `export const a = 1;\n/**\n * The second argument is\n * none of these.\n */\nexport const b = 2;`;
    expect(findingsIn("a.ts", text)).toEqual([expect.objectContaining({ line: 3, found: "is none" })]);
  });

  it("leaves names, email addresses, and parts of words alone", () => {
    const text = `import { visitor } from "./visitor.js";\n// Send to nobody@example.com. This history is long.\nvisitor("nobody");`;
    expect(found("a.ts", text)).toEqual([]);
  });

  it("finds none of them in docs, messages, and comments", () => {
    const files: string[] = filesToLint();
    expect(files.length).toBeGreaterThan(250);
    for (const file of ["README.md", "docs/http.md", "src/types.ts", "src/locales/en.ts"]) {
      expect(files).toContain(file);
    }
    expect(files.filter((file) => findingsIn(file, readFileSync(file, "utf8")).length > 0)).toEqual([]);
  });
});
