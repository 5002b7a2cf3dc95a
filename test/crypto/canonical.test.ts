import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex } from "../../src/crypto/encoding.js";
import { canonicalBytes, canonicalBytesShared } from "../../src/crypto/canonical.js";
import type { StateValue } from "resetkit/types";

describe("a frame", () => {
  const examples: [readonly StateValue[], string][] = [
    [[], ""],
    [["ab"], "73 00000002 6162"],
    [[""], "73 00000000"],
    [["é"], "73 00000002 c3a9"],
    [[true, false], "74 00000000 66 00000000"],
    [[null, undefined], "30 00000000 30 00000000"],
    [[12, -1.5], "6e 00000002 3132 6e 00000004 2d312e35"],
    [[12n], "69 00000002 3132"],
    [[new Date(12)], "64 00000002 3132"],
    [[new Uint8Array([0, 255])], "78 00000002 00ff"],
    [["\ud800a"], "75 00000004 d8000061"],
    [["a", "b"], "73 00000001 61 73 00000001 62"],
  ];
  it("is type, length and content of each value", () => {
    for (const [values, expected] of examples) {
      expect(hex(canonicalBytes(values)), expected).toBe(expected.replaceAll(" ", ""));
    }
  });

  it("tells apart what looks alike", () => {
    const alike: (readonly StateValue[])[] = [
      ["1", "2"],
      ["12"],
      ["", "12"],
      ["12", ""],
      [1, 2],
      [12],
      [12n],
      [new Date(12)],
      [new Uint8Array([49, 50])],
      [true],
      ["t"],
      ["true"],
      [null],
      ["null"],
      ["0"],
      [""],
      [],
      ["\ud800"],
      ["\udfff"],
      ["\ufffd"],
      ["\ud800\udfff"],
      ["s\0\0\0\u00012"],
    ];
    expect(new Set(alike.map((values) => hex(canonicalBytes(values)))).size).toBe(alike.length);
  });

  it("has its length in four bytes, most significant first, and grows as it must", () => {
    for (const length of [255, 256, 1_019, 1_020, 70_000, 17_000_000]) {
      const framed = canonicalBytes(["x", "y".repeat(length)]);
      expect(framed).toHaveLength(6 + 5 + length);
      expect(new DataView(framed.buffer).getUint32(7)).toBe(length);
      expect(framed.at(-1)).toBe(0x79);
      expect(canonicalBytes(["x", new Uint8Array(length)])).toHaveLength(6 + 5 + length);
    }
    const mixed = canonicalBytes(["é".repeat(2_000), "é".repeat(4_000)]);
    expect(mixed).toHaveLength(5 + 4_000 + 5 + 8_000);
  });

  it("is the caller's own, but for the shared one, which the next call overwrites", () => {
    const own = canonicalBytes(["first"]);
    const shared = canonicalBytesShared("first", []);
    expect(hex(shared)).toBe(hex(own));
    canonicalBytes(["other"]);
    expect(hex(own)).toBe(hex(canonicalBytes(["first"])));
    canonicalBytes(["other"]);
    expect(hex(shared)).toBe(hex(canonicalBytes(["other"])));
  });

  it("begins with the label where it is shared, also where it outgrows its room", () => {
    for (const length of [1, 5_000, 500_000]) {
      const rest = ["y".repeat(length), 7] as const;
      expect(hex(canonicalBytesShared("label", rest).slice())).toBe(hex(canonicalBytes(["label", ...rest])));
    }
  });

  it.each([
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [new Date(Number.NaN), "an invalid Date"],
    [{}, "a object"],
    [[1], "a object"],
    [() => 1, "a function"],
    [Symbol("x"), "a symbol"],
  ])("refuses %s", (value, called) => {
    expect(() => canonicalBytes(["a", value as StateValue])).toThrow(
      `A value that tokens are bound to is ${called}. Return a string, a finite number, a bigint, a boolean, a valid Date, a Uint8Array, or null.`,
    );
    expect(() => canonicalBytes([value as StateValue])).toThrow(TypeError);
  });

  it("is injective: two lists have one frame only if they are equal (10,000 pairs)", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.string({ unit: fc.constantFrom("\0", "\u0001", "s", "n", "1", "\ud800", "\udc00"), maxLength: 6 }),
      fc.integer({ min: -20, max: 20 }),
      fc.bigInt({ min: -20n, max: 20n }),
      fc.boolean(),
      fc.constant(null),
      fc.integer({ min: -20, max: 20 }).map((time) => new Date(time)),
      fc.uint8Array({ maxLength: 6 }),
    ) as fc.Arbitrary<StateValue>;
    const list = fc.array(value, { maxLength: 4 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const isOne = hex(canonicalBytes(a)) === hex(canonicalBytes(b));
        expect(isOne).toBe(plain(a) === plain(b));
      }),
      { numRuns: 10_000 },
    );
  });
});

/** A text that two lists share only if they are equal, made in another way than frames are. */
function plain(values: readonly StateValue[]): string {
  return JSON.stringify(
    values.map((value) => {
      if (value instanceof Uint8Array) return ["bytes", ...value];
      if (value instanceof Date) return ["date", value.getTime()];
      // -0 and 0 are equal to every database and every comparison but Object.is.
      if (typeof value === "bigint" || typeof value === "number") return [typeof value, String(value)];
      return [typeof value, value];
    }),
  );
}
