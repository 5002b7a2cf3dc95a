import { createRequire } from "node:module";
import { join } from "node:path";
import { packages } from "./packages.js";

/** pg-boss 11 and newer need Node 22. */
const dependencies = { bullmq: "6.7.0", ioredis: "5.11.1", "pg-boss": "10.4.2" };

/** Where the queue engines are. */
export function engines(): Promise<string> {
  return packages("engines", { dependencies });
}

/** Loads BullMQ: `Queue` and `Worker`. */
export async function bullmq(modules?: string): Promise<any> {
  return load(modules ?? (await engines()), "bullmq");
}

/** Loads pg-boss: the class. */
export async function pgBoss(modules?: string): Promise<any> {
  return load(modules ?? (await engines()), "pg-boss");
}

function load(modules: string, name: string): any {
  return createRequire(join(modules, "index.js"))(name);
}
