import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { packages } from "./packages.js";

afterEach(() => void vi.unstubAllEnvs());

it("packages are put where their folder is said to be, and stay there for the next who asks", async () => {
  // A package without a registry.
  const source = await mkdtemp(join(tmpdir(), "resetkit-package-"));
  await writeFile(join(source, "package.json"), '{ "name": "resetkit-local", "version": "1.0.0" }');
  const manifest = { dependencies: { "resetkit-local": `file:${source}` } };
  const modules = await packages("test-of-packages", manifest);
  expect(existsSync(join(modules, "resetkit-local/package.json"))).toBe(true);
  expect(await packages("test-of-packages", manifest)).toBe(modules);
  for (const folder of [source, join(modules, "..")]) await rm(folder, { recursive: true });
});

it("what cannot be installed is one sentence that names it", async () => {
  vi.stubEnv("npm_config_registry", "http://127.0.0.1:9");
  vi.stubEnv("npm_config_fetch_retries", "0");
  vi.stubEnv("npm_config_offline", "true");
  const absent = packages("test-of-absence", { dependencies: { "resetkit-nowhere": "1.2.3" } });
  await expect(absent).rejects.toThrow(
    /^npm could not install resetkit-nowhere@1\.2\.3 \(.+\): is the registry in reach\?$/,
  );
});
