// The whole fault matrix, and the rounds of killed workers. `npm run bench:faults -- sqlite postgres redis rounds`
// runs some of its parts. What came of it goes to docs/evidence/faults.md.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const parts = process.argv.slice(2);
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const run = spawnSync(process.execPath, [vitest, "run", "--config", "bench/faults.config.ts"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  env: { ...process.env, FAULTS: parts.join(" ") },
  stdio: "inherit",
});
process.exit(run.status ?? 1);
