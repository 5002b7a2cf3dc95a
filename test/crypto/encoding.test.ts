import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  base64url,
  fromBase36,
  fromBase64url,
  fromHex,
  fromUtf8,
  hex,
  utf8,
} from "../../src/crypto/encoding.js";

const bytes = fc.uint8Array({ maxLength: 70 });

describe("base64url", () => {
  it.each([
    ["", ""],
    ["f", "Zg"],
    ["fo", "Zm8"],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg"],
    ["fooba", "Zm9vYmE"],
    ["foobar", "Zm9vYmFy"],
  ])("of %j is %j (RFC 4648 §10, without padding)", (plain, text) => {
    expect(base64url(utf8(plain))).toBe(text);
    expect(fromUtf8(fromBase64url(text)!)).toBe(plain);
  });

  it("writes what Node writes, and reads it back (2,000 byte strings)", () => {
    fc.assert(
      fc.property(bytes, (given) => {
        const text = base64url(given);
        expect(text).toBe(Buffer.from(given).toString("base64url"));
        expect(fromBase64url(text)).toEqual(given);
      }),
      { numRuns: 2_000 },
    );
  });

  it("has one spelling for each value: what is read is written again the same (5,000 texts)", () => {
    const text = fc.string({ unit: fc.constantFrom(..."ABCxyz0189-_+/= \n!é\u{1F600}"), maxLength: 9 });
    let read = 0;
    fc.assert(
      fc.property(text, (given) => {
        const found = fromBase64url(given);
        if (!found) return;
        read++;
        expect(base64url(found)).toBe(given);
      }),
      { numRuns: 5_000 },
    );
    expect(read).toBeGreaterThan(100);
    for (const other of ["Zg==", "Zh", "Zm9", "Z", "Zm 8", "Zm8\n", "+w", "_+", "Zm8=", "\u{1F600}", "ZmĀ"]) {
      expect(fromBase64url(other), other).toBe(null);
    }
  });

  it("of 16 bytes ends in A, Q, g or w alone", () => {
    const ends = Array.from({ length: 256 }, (_, last) => base64url(new Uint8Array(16).fill(last)).slice(-1));
    expect([...new Set(ends)].sort()).toEqual(["A", "Q", "g", "w"]);
  });
});

describe("hexadecimal", () => {
  it("writes what Node writes, and reads it back (1,000 byte strings)", () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(hex(given)).toBe(Buffer.from(given).toString("hex"));
        expect(fromHex(hex(given))).toEqual(given);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(["0", "0g", "AB", "00 ", "0x00", "00\n", "é0"])("does not read %j", (text) => {
    expect(fromHex(text)).toBe(null);
  });
});

describe("UTF-8", () => {
  it("is read strictly, with the byte order mark as the character that it is", () => {
    expect(fromUtf8(utf8("\ufeffé\u{1F600}\0"))).toBe("\ufeffé\u{1F600}\0");
    for (const wrong of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
      expect(() => fromUtf8(Uint8Array.from(wrong))).toThrow(TypeError);
    }
  });
});

describe("base 36", () => {
  it("is read as a number up to ten digits, and as a bigint beyond", () => {
    expect(fromBase36("0")).toBe(0);
    expect(fromBase36("z")).toBe(35);
    expect(fromBase36("10")).toBe(36);
    expect(fromBase36("0010")).toBe(36);
    expect(fromBase36("zzzzzzzzzz")).toBe(36 ** 10 - 1);
    expect(fromBase36("10000000000")).toBe(36n ** 10n);
    expect(fromBase36("1y2p0ij32e8e7")).toBe(2n ** 63n - 1n);
    expect(fromBase36("1y2p0ij32e8e7zzzzzzzzzz")).toBe((2n ** 63n - 1n) * 36n ** 10n + 36n ** 10n - 1n);
  });

  it("reads what toString(36) writes (2,000 numbers)", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 80n }), (value) => {
        expect(BigInt(fromBase36(value.toString(36))!)).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["", "-1", "+1", " 1", "1 ", "1.5", "A", "1z!;x", "Infinity", "1_0", "\u0661", "{", "/", ":", "`"])(
    "does not read %j, alone or behind ten digits",
    (text) => {
      expect(fromBase36(text)).toBe(null);
      if (text) {
        expect(fromBase36(`1234567890${text}`)).toBe(null);
        expect(fromBase36(`${text}1234567890`)).toBe(null);
      }
    },
  );
});
