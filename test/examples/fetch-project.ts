/** The examples for frameworks that speak `fetch`, in projects of their own, around the suite's engine. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createHandler } from "resetkit/http";
import type { Mounting } from "resetkit/testing";

/** Where the examples say that they answer. */
export const mount = "/api/password_reset";

/** What stands in for an example's `password-reset.ts`: whatever the suite has mounted last. */
const standIn = `
  const plain = (...given) => globalThis.resetkitMounted.plain(...given);
  export const handler = Object.assign((...given) => globalThis.resetkitMounted(...given), { plain });`;

export function mountFetch({ reset, path, options }: Pick<Mounting, "reset" | "path" | "options">): void {
  Object.assign(globalThis, { resetkitMounted: createHandler(reset, { basePath: path, ...options }) });
}

/** Copies a file of an example, which answers at `path` then. */
export async function copyRoute(from: string, to: string, path = mount): Promise<string> {
  const text = await readFile(new URL(`../../examples/fetch/${from}`, import.meta.url), "utf8");
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, text.replaceAll(mount, path));
  return to;
}

export async function writeStandIn(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, standIn);
  }
}
