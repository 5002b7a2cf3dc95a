/** Runs every test that the catalog of attacks names, and writes `docs/evidence/attacks.md`: `npm run evidence:attacks`. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const catalogue = readFileSync(new URL("../test/attacks/catalogue.ts", import.meta.url), "utf8");
const files = [...new Set([...catalogue.matchAll(/file: "(test\/[^"]+)"/g)].map(([, file]) => file))];
const vitest = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=./test/attacks/evidence-reporter.ts",
];
execFileSync(process.execPath, [...vitest, ...files], { stdio: "inherit" });
