import { describe, expect, it } from "vitest";
// @ts-expect-error -- a plain script, without types of its own
import { limits, sizeOf, weighed } from "../scripts/size.mjs";

const names = [...(weighed as Map<string, string>).keys()];

describe("the built package", () => {
  it("has a limit for the weight of each entry, and for nothing else (scripts/size-limits.json)", () => {
    expect(Object.keys(limits).sort()).toEqual([...names].sort());
  });

  it("keeps what was promised of the core and of the client", () => {
    expect(limits).toMatchObject({ resetkit: 18_300, "resetkit/client": 1_000 });
  });

  it.each(names)("%s stays below its limit", async (name) => {
    const { gzip } = await sizeOf(name);
    expect(gzip).toBeLessThanOrEqual(limits[name]);
    // A limit that is far away is none.
    expect(gzip).toBeGreaterThan(limits[name] / 2 - 100);
  });
});
