import { createRequire } from "node:module";
import { join } from "node:path";
import { packages } from "./packages.js";

/** Drivers that few have, and that are no dependencies of ours. */
const dependencies = { "@libsql/client": "0.17.4", mariadb: "3.4.5" };

/** Loads one of them. */
export async function driver(name: keyof typeof dependencies): Promise<any> {
  return createRequire(join(await packages("drivers", { dependencies }), "index.js"))(name);
}
