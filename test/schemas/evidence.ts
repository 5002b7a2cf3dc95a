import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const page = fileURLToPath(new URL("../../docs/evidence/schemas.md", import.meta.url));
const marks = ["<!-- rows:start -->", "<!-- rows:end -->"] as const;
const rows: string[] = [];

/** A row of the table that the run writes. */
export function row(tool: string, database: string, what: string, without: string, withSchema: string): void {
  rows.push(`| ${[tool, database, what, without, withSchema].join(" | ")} |`);
}

/** Puts this file's rows in place of those that it wrote before; other tools' rows stay. */
export function writeEvidence(): void {
  const text = readFileSync(page, "utf8");
  const [before, rest] = text.split(marks[0]);
  const [table, after] = rest!.split(marks[1]);
  const [, head, line, ...old] = table!
    .trimEnd()
    .split("\n")
    .filter((one, index) => index === 0 || one !== "");
  const toolOf = (one: string) => one.split("|")[1]!.trim().split(" ")[0];
  const fresh = new Set(rows.map(toolOf));
  const all = [...old.filter((one) => !fresh.has(toolOf(one))), ...rows].sort();
  writeFileSync(page, `${before}${marks[0]}\n\n${[head, line, ...all].join("\n")}\n\n${marks[1]}${after}`);
}
