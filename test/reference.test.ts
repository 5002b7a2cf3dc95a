import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
// @ts-expect-error -- a plain script, without types of its own
import { entriesOf } from "../scripts/entries.mjs";
// @ts-expect-error -- a plain script, without types of its own
import { publicHash, writtenHash } from "../scripts/reference.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("the API reference", () => {
  it("has a page for everything that can be imported", () => {
    const index = readFileSync(join(root, "docs/reference/README.md"), "utf8");
    for (const name of entriesOf(root).keys()) {
      expect(existsSync(join(root, `docs/reference/${name}.md`)), name).toBe(true);
      expect(index).toContain(`[\`${name}\`](${name}.md)`);
    }
  });

  it("was written from the types as they are: otherwise, run npm run docs:reference", () => {
    expect(writtenHash()).toBe(publicHash());
  });
});
