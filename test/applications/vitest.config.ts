import { suitesApart } from "../suites-apart.js";

// Installs and builds whole applications: `npm run test:applications`.
export default suitesApart(["test/applications/*.suite.ts"], 15);
