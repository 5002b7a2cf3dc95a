import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, remove, runPlanted } from "./bundle.mjs";
import { planted } from "./planted.js";

/** How many seeds may pass before a fault is found. The whole control: `npm run bench:simulation -- --planted`. */
const most = 30;

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
