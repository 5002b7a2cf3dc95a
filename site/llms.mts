import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `llms.txt` lists the pages for programs that read the site (llmstxt.org); `llms-full.txt` has the guides in one file. */
export function llmsTxt({
  outDir,
  pages,
  srcDir,
}: {
  outDir: string;
  pages: readonly string[];
  srcDir: string;
}): void {
  const read = [...pages].sort().map((page) => {
    const text = readFileSync(join(srcDir, page), "utf8");
    const title = /^# (.+)$/m.exec(text)?.[1] ?? page;
    const lead = /^# .+\n+([^\n#|<`][^\n]+)/m.exec(text)?.[1] ?? "";
    return {
      page,
      text,
      title,
      lead,
      link: `/${page.replace(/(^|\/)README\.md$/, "$1").replace(/\.md$/, "")}`,
    };
  });
  const [guides, rest] = [true, false].map((isGuide) =>
    read.filter(({ page }) => /^(reference|decisions|evidence)\//.test(page) !== isGuide),
  );
  const list = (some: typeof read) =>
    some.map(({ title, link, lead }) => `- [${title}](${link})${lead && `: ${lead}`}`).join("\n");
  const head = "# resetkit\n\n> Password reset for TypeScript back ends that already have accounts.";
  writeFileSync(
    join(outDir, "llms.txt"),
    `${head}\n\n## Guides\n\n${list(guides!)}\n\n## Optional\n\n${list(rest!)}\n`,
  );
  writeFileSync(join(outDir, "llms-full.txt"), guides!.map(({ text }) => text).join("\n\n---\n\n"));
}
