import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const marks = ["<!-- rows:start -->", "<!-- rows:end -->"] as const;

/** The table of a page in docs/evidence, which a run writes. Rows of what didn't run this time stay. */
export function rowsOf(name: string): { row(...cells: string[]): void; write(): void } {
  const page = fileURLToPath(new URL(`../../docs/evidence/${name}.md`, import.meta.url));
  const rows: string[] = [];
  return {
    row: (...cells) => void rows.push(`| ${cells.join(" | ")} |`),
    write() {
      const text = readFileSync(page, "utf8");
      const [before, rest] = text.split(marks[0]);
      const [table, after] = rest!.split(marks[1]);
      const [head, line, ...old] = table!.split("\n").filter((one) => one !== "");
      const isFresh = (one: string) => rows.some((row) => keyOf(row) === keyOf(one));
      const all = [...old.filter((one) => !isFresh(one)), ...rows].sort();
      writeFileSync(
        page,
        `${before}${marks[0]}\n\n${[head, line, ...all].join("\n")}\n\n${marks[1]}${after}`,
      );
    },
  };
}

/** What a row is about: its first three cells. The formatter pads them. */
function keyOf(row: string): string {
  return row
    .split("|")
    .slice(1, 4)
    .map((cell) => cell.trim())
    .join("|");
}
