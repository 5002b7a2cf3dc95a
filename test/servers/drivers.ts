import { createRequire } from "node:module";
import { join } from "node:path";
import { packages } from "./packages.js";

/** Drivers that few have, and that are no dependencies of ours. */
const dependencies = { "@libsql/client": "0.17.4", mariadb: "3.4.5" };

/** Loads one of them. */
export async function driver(name: keyof typeof dependencies): Promise<any> {
  return loaded(await packages("drivers", { dependencies }), name);
}

/** MikroORM on what isn't PostgreSQL, whose drivers are many. What has to be compiled isn't, and has to be passed. */
export async function mikroOrmOn(
  database: "mysql" | "mariadb" | "libsql" | "sqlite" | "better-sqlite",
): Promise<any> {
  const names = ["core", "mysql", "mariadb", "libsql", "sqlite", "better-sqlite"];
  const dependencies = Object.fromEntries(names.map((name) => [`@mikro-orm/${name}`, "6.6.16"]));
  return loaded(await packages("mikro-orm", { dependencies }), `@mikro-orm/${database}`);
}

/** Loads one that compiles itself where it can't download what fits the machine, which takes minutes. */
export async function builtDriver(name: keyof typeof built): Promise<any> {
  return loaded(await packages("built-drivers", { dependencies: built }, { runScripts: true }), name);
}

const built = { sqlite3: "6.0.1" };

function loaded(modules: string, name: string): any {
  return createRequire(join(modules, "index.js"))(name);
}
