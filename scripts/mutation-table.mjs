/**
 * Prints the table of docs/evidence/mutation.md from the report of `npm run mutation`, and every mutant that
 * survived: `node scripts/mutation-table.mjs [reports/mutation-tokens.json …]`. If a file is in several reports, the last one
 * counts. Exits with 1 if the score is below the threshold in stryker.config.json.
 */
import { readFileSync } from "node:fs";

const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const given = process.argv.slice(2);
const files = Object.assign(
  {},
  ...(given.length > 0 ? given : ["reports/mutation-tokens.json"]).map((path) => read(path).files),
);

const rows = Object.entries(files)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, { mutants }]) => ({ name: `\`${name}\``, ...countOf(mutants) }));
const total = { name: "**all**" };
for (const key of ["mutants", "killed", "timedOut", "survived"]) {
  total[key] = rows.reduce((sum, row) => sum + row[key], 0);
}

console.log("| file | mutants | killed | timed out | survived | score |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
for (const row of [...rows, total]) {
  const { name, mutants, killed, timedOut, survived } = row;
  console.log(
    `| ${[name, mutants, killed, timedOut, survived, `${scoreOf(row).toFixed(1)} %`].join(" | ")} |`,
  );
}

for (const [name, { mutants, source }] of Object.entries(files)) {
  const lines = source.split("\n");
  for (const { status, location, replacement } of mutants.filter(isAlive)) {
    const { start, end } = location;
    const changed = lines[start.line - 1].slice(
      start.column - 1,
      end.line === start.line ? end.column - 1 : undefined,
    );
    console.log(`\n${name}:${start.line}:${start.column} ${status}\n- ${changed}\n+ ${replacement}`);
  }
}
process.exitCode = scoreOf(total) < read("stryker.config.json").thresholds.break ? 1 : 0;

/** Mutants that don't compile or were skipped aren't counted, since they say nothing about the tests. */
function countOf(mutants) {
  const count = (...states) => mutants.filter(({ status }) => states.includes(status)).length;
  const [killed, timedOut] = [count("Killed"), count("Timeout")];
  const survived = mutants.filter(isAlive).length;
  return { mutants: killed + timedOut + survived, killed, timedOut, survived };
}

function isAlive({ status }) {
  return status === "Survived" || status === "NoCoverage";
}

function scoreOf({ mutants, survived }) {
  return 100 * (1 - survived / mutants);
}
