/**
 * Writes the entries of the shadcn registry, `registry/registry.json` and `registry/password-reset.json`, from the sources
 * in `registry/password-reset`: `node scripts/registry.mjs`. With `--check`, exits with 1 if they differ.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const root = new URL("../registry/", import.meta.url);
const folder = "password-reset";
const { version, homepage } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const item = {
  name: folder,
  type: "registry:block",
  title: "Password reset",
  description:
    "Accessible forms of a password reset: request, sent, code, new password, second factor, done.",
  dependencies: [`resetkit@^${version}`],
  files: readdirSync(new URL(`${folder}/`, root))
    .sort()
    .map((name) => ({
      path: `registry/${folder}/${name}`,
      type: "registry:component",
      target: `components/${folder}/${name}`,
    })),
};

export const entries = {
  "registry.json": {
    $schema: "https://ui.shadcn.com/schema/registry.json",
    name: "resetkit",
    homepage,
    items: [item],
  },
  [`${folder}.json`]: {
    $schema: "https://ui.shadcn.com/schema/registry-item.json",
    ...item,
    files: item.files.map((file) => ({
      ...file,
      content: readFileSync(new URL(`../${file.path}`, root), "utf8"),
    })),
  },
};

if (process.argv[1] === new URL(import.meta.url).pathname) {
  for (const [name, entry] of Object.entries(entries)) {
    const text = `${JSON.stringify(entry, null, 2)}\n`;
    const path = new URL(name, root);
    if (!process.argv.includes("--check")) writeFileSync(path, text);
    else if (readFileSync(path, "utf8") !== text) {
      console.error(`registry/${name} differs from its sources. Run: node scripts/registry.mjs`);
      process.exitCode = 1;
    }
  }
}
