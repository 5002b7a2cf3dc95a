/** The optional peer dependencies: packages that an entry imports, installed by the applications that use the entry. */
import { readFileSync } from "node:fs";

export const peers = Object.keys(
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).peerDependencies,
);
