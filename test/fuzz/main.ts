/**
 * `npm run fuzz [minutes] [seed] [parser]`: all parsers, in equal parts of the time (default ten minutes), or one of them.
 * Exits with 1 after a finding.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { readCorpus, writeCorpus } from "./corpus.js";
import { byCoverage, byGrammar, limit, seeded } from "./fuzz.js";
import { targets } from "./targets.js";

const minutes = Number(process.argv[2] ?? 10);
const seed = Number(process.argv[3] ?? Date.now() % 1e9);
const only = process.argv[4];
if (only && !Object.hasOwn(targets, only)) {
  throw new Error(`There is no parser ${only}: pass one of ${Object.keys(targets).join(", ")}.`);
}
const page = join(process.cwd(), "docs/evidence/fuzz.md");
const today = new Date().toISOString().slice(0, 10);
const folder = join(process.cwd(), "test/fuzz/corpus");
const each = (minutes * 60_000) / (only ? 1 : Object.keys(targets).length);
const rows: string[] = [];
for (const [name, target] of Object.entries(targets)) {
  if (only && name !== only) {
    rows.push(keptRow(name));
    continue;
  }
  const known = readCorpus(folder, name);
  const end = performance.now() + each / 2;
  let runs = 0;
  let finding;
  for (let round = 0; performance.now() < end && !finding; round++, runs += 500) {
    finding = await byGrammar(target, 500, seed + round);
  }
  const guided = await byCoverage(target, known, each / 2, seeded(seed));
  finding ??= guided.finding;
  writeCorpus(
    folder,
    name,
    [...guided.corpus, ...(finding ? [finding.input, ...known] : [])].filter((text) => text.length <= 400),
  );
  const result = finding
    ? `**${finding.problem}**: \`${JSON.stringify(finding.input).slice(0, 60)}\``
    : "nothing";
  const spent = (each / 60_000).toFixed(1);
  rows.push(
    `| ${name} | ${spent} | ${today} | ${runs} | ${guided.runs} | ${guided.corpus.length} | ${result} |`,
  );
  console.log(rows.at(-1));
  if (finding) process.exitCode = 1;
}
writeFileSync(
  page,
  `# Fuzzing

What the parsers do with ${rows.length} kinds of hostile texts. Written by \`npm run fuzz\` (Node ${process.versions.node}, ${cpus().length} processors, last seed ${seed}).
\`npm run fuzz -- 5 17 email\` tries one parser for five minutes and leaves the rows of the others.

Half of the time, texts come from a grammar of pieces that are nearly right (fast-check). In the other half, the texts that are known are
changed, and what reaches a block of code that nothing reached before is kept (V8's own coverage). A finding is a crash, a broken promise,
or more than ${limit} ms of processor time. A promise is, for example, that nodemailer reads an accepted email address as that one
recipient, or that an IP address that's written is read as the same one. \`test/fuzz/fuzz.test.ts\` plants a crash, a broken promise, and a
slow pattern, and all three are found; it tries the kept texts again on every run of the tests.

| Parser | Minutes | Date | By grammar | By coverage | Texts kept | Found |
| --- | ---: | --- | ---: | ---: | ---: | --- |
${rows.join("\n")}

Not fuzzed: HTML of pages (\`test/pages/escaping.test.ts\`), SQL (\`test/attacks/payload.test.ts\`), and Node's own HTTP parser.
`,
);

/** The row of a parser that isn't tried this time. */
function keptRow(name: string): string {
  const row = readFileSync(page, "utf8")
    .split("\n")
    .find((line) => line.startsWith(`| ${name} |`));
  if (!row) throw new Error(`${page} has no row for ${name}: run \`npm run fuzz\` for all parsers first.`);
  return row;
}
