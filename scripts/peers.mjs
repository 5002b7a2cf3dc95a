/** Packages that an entry imports, and that an application which uses it has installed: optional peers. */
import { readFileSync } from "node:fs";

export const peers = Object.keys(
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).peerDependencies,
);
