import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, remove, run } from "./bundle.mjs";
import { planted } from "./planted.js";

/** How many seeds may pass before a planted fault is found. */
const most = 20_000;

describe("faults that are planted are found", () => {
  let plain: string;
  beforeAll(async () => {
    plain = await bundle();
  });
  afterAll(() => remove(plain));

  it("there are 20 at least", () => {
    expect(Object.keys(planted).length).toBeGreaterThanOrEqual(20);
  });

  for (const [name, { snippet, invariants }] of Object.entries(planted)) {
    it(`${name}: within ${most} seeds`, { timeout: 600_000 }, async () => {
      const file = snippet ? await bundle(snippet) : plain;
      try {
        const order = { from: 0, count: most, failures: 1 };
        const { failures } = await run(file, snippet ? order : { ...order, planted: name });
        expect(failures).toHaveLength(1);
        expect(invariants).toContain(failures[0]!.invariant);
      } finally {
        if (snippet) remove(file);
      }
    });
  }
});
