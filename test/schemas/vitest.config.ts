import { suitesApart } from "../suites-apart.js";

// Downloads and starts other people's programs: `npm run test:schemas`.
export default suitesApart(["test/schemas/*.suite.ts"], 10, { testTimeout: 5 * 60_000 });
