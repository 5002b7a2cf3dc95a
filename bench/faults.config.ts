import { suitesApart } from "../test/suites-apart.js";

// Every fault at every await, for hours on all databases: `npm run bench:faults`.
export default suitesApart(["bench/faults.suite.ts"], 6 * 60, { hookTimeout: 2 * 60_000 });
