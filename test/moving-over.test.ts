import { transform } from "esbuild";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const text = readFileSync(new URL("../docs/moving-over.md", import.meta.url), "utf8");

describe("the page on moving over", () => {
  it.each([
    ["the cap on emails", "`maxLive`"],
    ["links in flight", "drpTokens(pg(pool))"],
    ["Django's own links", "djangoTokens({ secretKey"],
    ["formats of hashes", "pbkdf2_sha256$"],
    ["the email that follows a change", '`kind: "changed"`'],
    ["languages", "Brazilian Portuguese"],
    ["suffixes", "`/confirm.json`"],
    ["names of paths", "paths: { validate:"],
    ["forms of other sites", "`origins`"],
  ])("says what becomes of %s", (_, words) => expect(text).toContain(words));

  it("has a function that verifies a hash of Django's", async () => {
    const code = [...text.matchAll(/```ts\n([^`]*)```/g)].find(([, body]) =>
      body!.includes("verifyPassword"),
    )![1]!;
    const { code: plain } = await transform(`${code}\nexport { verifyPassword };`, { loader: "ts" });
    // Beside the tests, so that it finds their packages.
    const file = fileURLToPath(
      new URL(`../node_modules/.vite/moving-over-${process.pid}.mjs`, import.meta.url),
    );
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, plain);
    const { verifyPassword } = await import(file);
    // Made by Django 3.2.
    const stored = "pbkdf2_sha256$1000$saltsaltsalt$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg=";
    expect(await verifyPassword(stored, "correct horse battery staple")).toBe(true);
    expect(await verifyPassword(stored, "correct horse battery stapler")).toBe(false);
  });
});
