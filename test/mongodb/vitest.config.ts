import { suitesApart } from "../suites-apart.js";
import everything from "../../vitest.config.js";

const suites = [
  "test/mongodb/*.suite.ts",
  "test/stores/mongodb.test.ts",
  "test/users/mongodb.test.ts",
  "test/pages/admin-stores.test.ts",
];

// Unpacks a server of 540 MB, and needs root: `npm run test:mongodb`. With MONGODB_URL, it runs on that server.
export default suitesApart(suites, 10, {
  globalSetup: [...everything.test!.globalSetup!, "./test/mongodb/setup.ts"],
  reporters: ["default", ["./test/suites-table.ts", { page: "mongodb", unless: "MONGODB_URL" }]],
  fileParallelism: false,
});
