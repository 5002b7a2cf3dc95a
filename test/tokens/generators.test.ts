import { describe, expect, it } from "vitest";
import { randomNumber, randomString } from "resetkit/tokens/generators";

/** Bytes from a list, then zeros: what a draw is made of can be written down. And how many were asked for. */
function bytesFrom(...list: number[]) {
  const asked: number[] = [];
  const bytes = (length: number) => (
    asked.push(length),
    Uint8Array.from({ length }, () => list.shift() ?? 0)
  );
  return Object.assign(bytes, { asked });
}

const many = (generator: { generate(): unknown }, count = 2_000) =>
  Array.from({ length: count }, () => String(generator.generate()));

describe("randomString", () => {
  it("makes 256 bits in 43 characters that never end in a mark", () => {
    const generator = randomString();
    expect(generator.bits).toBe(256);
    const texts = many(generator);
    for (const text of texts) expect(text).toMatch(/^[A-Za-z0-9_-]{42}[048AEIMQUYcgkosw]$/);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("makes the same where all that it is given is where randomness comes from", () => {
    const bytes = bytesFrom(255, 255, 255);
    const generator = randomString({ random: bytes });
    expect([generator.bits, generator.generate()]).toEqual([256, `____${"A".repeat(39)}`]);
    expect(bytes.asked).toEqual([32]);
  });

  it("takes an option that is undefined for one that is not there, and never makes a code of it", () => {
    const { length, alphabet } = {} as { length?: number; alphabet?: string };
    expect(randomString({ length, alphabet } as any).bits).toBe(256);
  });

  it("makes what django-rest-passwordreset makes, with lengths drawn evenly", () => {
    const generator = randomString({ minLength: 10, maxLength: 50 });
    expect(generator.bits).toBe(40);
    const texts = many(generator, 8_000);
    for (const text of texts) expect(text).toMatch(/^[0-9a-f]{10,50}$/);
    const counts = new Map<number, number>();
    for (const { length } of texts) counts.set(length, (counts.get(length) ?? 0) + 1);
    expect(counts.size).toBe(41);
    // 195 are expected of each length; seven standard deviations are 97.
    for (const count of counts.values()) expect(Math.abs(count - 8_000 / 41)).toBeLessThan(97);
  });

  it.each([{ minLength: 10 }, { maxLength: 50 }, { alphabet: "hex" }])(
    "has 10 to 50 with %j, too",
    (options) => {
      expect(randomString(options).bits).toBe(40);
      const lengths = many(randomString(options), 1_000).map(({ length }) => length);
      expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([10, 50]);
    },
  );

  it("has no range where the least is above the usual most", () => {
    for (const text of many(randomString({ minLength: 60 }), 50)) expect(text).toHaveLength(60);
  });

  it("makes Crockford's base 32 for people, and reads what they make of it", () => {
    const generator = randomString({ length: 8, alphabet: "crockford" });
    expect(generator.bits).toBe(40);
    for (const text of many(generator)) expect(text).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(generator.normalize!(" oi1l-abcd ")).toBe("0111ABCD");
  });

  it.each([
    ["hex", /^[0-9a-f]{20}$/, 80],
    ["base64url", /^[A-Za-z0-9_-]{20}$/, 120],
    ["!~", /^[!~]{20}$/, 20],
  ])("makes text of %s, and reads it as it is written", (alphabet, form, bits) => {
    const generator = randomString({ length: 20, alphabet });
    for (const text of many(generator, 200)) expect(text).toMatch(form);
    expect([generator.bits, generator.normalize]).toEqual([bits, undefined]);
  });

  it("draws again what would make some characters likelier", () => {
    // 255 and 250 lie past the last whole multiple of 10 below 256. No byte is spent on a length that is fixed.
    const random = bytesFrom(249, 255, 250, 7, 10, 3);
    const generator = randomString({ length: 4, alphabet: "0123456789", random });
    expect(generator.generate()).toBe("9703");
    expect(random.asked).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it.each([
    [{ minLength: 20, maxLength: 10 }, "randomString({ maxLength }) is 10. Pass an integer from 20 to 256"],
    [{ minLength: 3 }, "randomString({ minLength }) is 3. Pass an integer from 4 to 256"],
    [{ length: 2 }, "randomString({ length }) is 2. Pass an integer from 4 to 256"],
    [{ length: 257 }, "randomString({ length }) is 257"],
    [{ length: 10, maxLength: 20 }, "one length or a range. Leave out length, or minLength and maxLength."],
    [{ length: 10, minLength: 5 }, "one length or a range"],
    [{ alphabet: "aab", length: 10 }, "each of them once"],
    [{ alphabet: "a", length: 10 }, "each of them once"],
    [{ alphabet: " abc" }, "each of them once"],
    [{ alphabet: "abc " }, "each of them once"],
    [{ alphabet: "abcé" }, "each of them once"],
    [{ alphabet: "toString" }, "each of them once"],
    [{ alphabet: null }, "each of them once"],
    [
      { random: 5 },
      "randomString({ random }) must be a function: pass a function that returns the given number",
    ],
    [{ lenght: 10 }, 'randomString() has no option "lenght". Did you mean "length"?'],
    [[], "randomString() takes an options object"],
  ])("refuses %j", (options, sentence) => {
    expect(() => randomString(options as any)).toThrow(sentence);
    expect(() => randomString(options as any)).toThrow(TypeError);
  });
});

describe("randomNumber", () => {
  it("reads the digits of every script, by their place in its run", () => {
    const { normalize } = randomNumber();
    const all = Array.from({ length: 0x110000 }, (_, point) => point)
      .filter((point) => /\p{Nd}/u.test(String.fromCodePoint(point)))
      .map((point) => String.fromCodePoint(point));
    expect(all.length % 10).toBe(0);
    expect(normalize!(all.join(""))).toBe("0123456789".repeat(all.length / 10));
    for (const digit of all) expect(Number(digit.normalize("NFKC")) || 0).toBeLessThan(10);
    // By their names: Arabic, Persian, Devanagari, Thai, full-width, and mathematical digits.
    for (const zero of [0x660, 0x6f0, 0x966, 0xe50, 0xff10, 0x1d7ce, 0x1d7f6])
      expect(normalize!(String.fromCodePoint(zero + 4, zero, zero + 9))).toBe("409");
  });

  it.each([
    "1234 5678",
    "1234-5678",
    "1234–5678",
    "1234−5678",
    "\u200e12345678",
    "12345678\u200b",
    "\ufeff1234\u00a05678.",
    "(1234) 5678",
  ])("reads %j", (typed) => expect(randomNumber().normalize!(typed)).toBe("12345678"));

  it("makes eight digits, the first of them never 0", () => {
    for (const generator of [randomNumber(), randomNumber({ digits: undefined } as any)]) {
      expect(generator.bits).toBeCloseTo(Math.log2(9e7), 10);
      for (const text of many(generator)) expect(text).toMatch(/^[1-9]\d{7}$/);
    }
  });

  it.each([4, 6, 14])(
    "makes %i digits, down to the first number that has them and up to the last",
    (digits) => {
      expect(randomNumber({ digits }).bits).toBeCloseTo(Math.log2(9 * 10 ** (digits - 1)), 10);
      expect(randomNumber({ digits, random: bytesFrom() }).generate()).toBe(`1${"0".repeat(digits - 1)}`);
      const last = 9 * 10 ** (digits - 1) - 1;
      const random = bytesFrom(...[5, 4, 3, 2, 1, 0].map((at) => Math.floor(last / 256 ** at) % 256));
      expect(randomNumber({ digits, random }).generate()).toBe("9".repeat(digits));
    },
  );

  it("keeps to a range, and reaches both of its ends", () => {
    const seen = new Set(many(randomNumber({ min: 10_000, max: 10_003 })));
    expect([...seen].sort()).toEqual(["10000", "10001", "10002", "10003"]);
    expect(randomNumber({ min: 10_000, max: 99_999 }).bits).toBeCloseTo(16.46, 2);
  });

  it("makes all numbers of a range equally likely: 256 values take one byte, and more take six", () => {
    const byte = bytesFrom(255);
    expect(randomNumber({ min: 0, max: 255, random: byte }).generate()).toBe("255");
    expect(byte.asked).toEqual([1]);
    // 2^48 - 1 lies past the last whole multiple of 257: it is drawn again.
    const six = bytesFrom(255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 1, 2);
    expect(randomNumber({ min: 0, max: 256, random: six }).generate()).toBe(String(258 % 257));
    expect(six.asked).toEqual([6, 6]);
  });

  it("goes up to 48 bits", () => {
    const random = bytesFrom(255, 255, 255, 255, 255, 255);
    const generator = randomNumber({ min: 0, max: 2 ** 48 - 1, random });
    expect([generator.bits, generator.generate()]).toEqual([48, "281474976710655"]);
    expect(randomNumber({ min: 2 ** 48 - 2, max: 2 ** 48 - 1 }).bits).toBe(1);
  });

  it("reads a number that was typed in groups", () => {
    expect(randomNumber().normalize!(" 1234-5678 ")).toBe("12345678");
  });

  it.each([
    [{ digits: 3 }, "randomNumber({ digits }) is 3. Pass an integer from 4 to 14"],
    [{ digits: 15 }, "randomNumber({ digits }) is 15"],
    [{ digits: "8" }, "randomNumber({ digits }) is 8"],
    [{ min: 5, max: 5 }, "randomNumber({ max }) is 5. Pass an integer from 6 to 281474976710655"],
    [{ min: -1, max: 5 }, "randomNumber({ min }) is -1. Pass an integer from 0 to 281474976710654"],
    [{ min: 2 ** 48 - 1, max: 2 ** 48 }, "randomNumber({ min }) is 281474976710655"],
    [{ min: 0, max: 2 ** 48 }, "randomNumber({ max }) is 281474976710656"],
    [{ min: 10_000 }, "randomNumber({ max }) is undefined. Pass an integer from 10001"],
    [{ max: 99_999 }, "randomNumber({ min }) is undefined. Pass an integer from 0"],
    [
      { digits: 8, min: 0, max: 5 },
      "randomNumber() takes digits or a range. Leave out digits, or min and max.",
    ],
    [
      { random: "bytes" },
      "randomNumber({ random }) must be a function: pass a function that returns the given number",
    ],
    [{ digit: 8 }, 'randomNumber() has no option "digit". Did you mean "digits"?'],
  ])("refuses %j", (options, sentence) => {
    expect(() => randomNumber(options as any)).toThrow(sentence);
    expect(() => randomNumber(options as any)).toThrow(TypeError);
  });
});
