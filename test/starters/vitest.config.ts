import { suitesApart } from "../suites-apart.js";

// Downloads and builds what other people's starters make: `npm run test:starters`.
export default suitesApart(["test/starters/*.suite.ts"], 20, { hookTimeout: 10 * 60_000 });
