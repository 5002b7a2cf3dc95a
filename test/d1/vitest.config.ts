import { suitesApart } from "../suites-apart.js";

// Every statement goes through Cloudflare's simulator, so this takes a while: `npm run test:d1`.
export default suitesApart(["test/d1/*.suite.ts"], 5, {
  reporters: ["default", ["./test/suites-table.ts", { page: "d1" }]],
});
