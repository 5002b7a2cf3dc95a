/**
 * What the entries weigh: the part `sizes` of `npm run bench`.
 *
 * @module
 */
import { build } from "esbuild";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { betterAuthPackages, betterAuthVersion } from "./http/packages.js";

export interface Size {
  readonly entry: string;
  readonly bytes: number;
  readonly gzip: number;
}

/** Each entry of ours, and Better Auth's own: bundled and minified; drivers of databases stay outside. */
export async function measureSizes(): Promise<Size[]> {
  const { sizeOf, weighed } = await import(pathToFileURL(resolve("scripts/size.mjs")).href);
  const sizes: Size[] = [];
  for (const entry of (weighed as Map<string, string>).keys())
    sizes.push({ entry, ...(await sizeOf(entry)) });
  return [...sizes, await sizeOfBetterAuth()];
}

async function sizeOfBetterAuth(): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents: 'export { betterAuth } from "better-auth"', resolveDir: await betterAuthPackages() },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    external: ["pg", "better-sqlite3", "mysql2", "bun:sqlite", "node:sqlite"],
    logLevel: "silent",
  });
  const bytes = outputFiles[0]!.contents;
  return {
    entry: `better-auth ${betterAuthVersion}`,
    bytes: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
  };
}
