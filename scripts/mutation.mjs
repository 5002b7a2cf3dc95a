/**
 * Runs StrykerJS over one area of scripts/mutation-areas.json: `npm run mutation [area]`, by default tokens.
 * The report is reports/mutation-<area>.json.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync } from "node:fs";

const areas = JSON.parse(readFileSync(new URL("mutation-areas.json", import.meta.url), "utf8"));

const [area = "tokens"] = process.argv.slice(2);
if (!Object.hasOwn(areas, area)) {
  console.error(`Unknown area "${area}". Pass one of ${Object.keys(areas).join(", ")}.`);
  process.exit(2);
}
const { status } = spawnSync("npx", ["stryker", "run", "--mutate", areas[area].mutate.join(",")], {
  stdio: "inherit",
  env: { ...process.env, MUTATION_AREA: area },
});
// If Stryker couldn't begin, there is none, and it has said why.
if (existsSync("reports/mutation.json")) renameSync("reports/mutation.json", `reports/mutation-${area}.json`);
process.exitCode = status ?? 1;
