import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, remove, runPlanted } from "./bundle.mjs";
import { planted } from "./planted.js";

/** How many seeds may pass before a fault is found. The whole control: `npm run bench:simulation -- --planted`. */
const most = 30;

it("every planted fault still finds the text that it replaces", () => {
  const folder = fileURLToPath(new URL("../../src/", import.meta.url));
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => file.endsWith(".ts"));
  const sources = files.map((file) => readFileSync(folder + file, "utf8")).join("\n");
  const missing = Object.entries(planted).filter(([, { snippets = [] }]) =>
    snippets.some(({ find }) => !sources.includes(find)),
  );
  expect(missing.map(([name]) => name)).toEqual([]);
});

describe("planted faults are found", () => {
  let plain: string;
  beforeAll(async () => {
    plain = await bundle();
  });
  afterAll(() => remove(plain));

  for (const [name, fault] of Object.entries(planted)) {
    if (fault.isRare) continue;
    it(`${name}: within ${most} seeds`, { timeout: 600_000 }, async () => {
      const { failures } = await runPlanted(name, fault, { from: 0, count: most, plain });
      expect(failures).toHaveLength(1);
      expect(fault.invariants).toContain(failures[0]!.invariant);
    });
  }
});
