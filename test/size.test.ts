import { describe, expect, it } from "vitest";
// @ts-expect-error -- a plain script, without types of its own
import { sizeOf } from "../scripts/size.mjs";

/** Bytes of gzip, minified; `npm run size` prints all of them. */
const limits: [entry: string, names: string | undefined, limit: number][] = [
  ["index.js", "passwordReset", 12_000],
  ["http/handler.js", undefined, 15_000],
  ["client.js", undefined, 1_000],
  ["adapters/node.js", undefined, 16_000],
  ["tokens/signed.js", undefined, 5_500],
];

describe("the built package", () => {
  it.each(limits)("%s stays below its limit", async (entry, names, limit) => {
    const { gzip } = await sizeOf(entry, names);
    expect(gzip).toBeLessThan(limit);
    expect(gzip).toBeGreaterThan(limit / 4);
  });
});
