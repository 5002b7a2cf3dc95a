import { describe, expect, it } from "vitest";
import { randomNumber, randomString } from "../../src/tokens/generators.js";

/** Bytes from a list, then zeros: what a draw is made of can be written down. */
function bytesFrom(...list: number[]) {
  return (length: number) => Uint8Array.from({ length }, () => list.shift() ?? 0);
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

  it("makes Crockford's base 32 for people, and reads what they make of it", () => {
    const generator = randomString({ length: 8, alphabet: "crockford" });
    expect(generator.bits).toBe(40);
    for (const text of many(generator)) expect(text).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(generator.normalize!(" oi1l-abcd ")).toBe("0111ABCD");
  });

  it("draws again what would make some characters likelier", () => {
    // 255 and 250 lie past the last whole multiple of 10 below 256.
    const generator = randomString({
      length: 4,
      alphabet: "0123456789",
      random: bytesFrom(255, 250, 249, 7, 10, 0),
    });
    expect(generator.generate()).toBe("9700");
  });

  it.each([
    [
      { minLength: 20, maxLength: 10 },
      "randomString({ maxLength }) is 10: give a whole number from 20 to 256",
    ],
    [{ length: 2 }, "randomString({ length }) is 2"],
    [{ alphabet: "aab", length: 10 }, "repeat none"],
    [{ lenght: 10 }, 'does not know the option "lenght": write "length"'],
  ])("refuses %j", (options, sentence) => {
    expect(() => randomString(options as any)).toThrow(sentence);
  });
});

describe("randomNumber", () => {
  it("makes eight digits, the first of them never 0", () => {
    const generator = randomNumber();
    expect(generator.bits).toBeCloseTo(Math.log2(9e7));
    for (const text of many(generator)) expect(text).toMatch(/^[1-9]\d{7}$/);
  });

  it("keeps to a range, and reaches both of its ends", () => {
    const seen = new Set(many(randomNumber({ min: 10_000, max: 10_003 })));
    expect([...seen].sort()).toEqual(["10000", "10001", "10002", "10003"]);
    expect(randomNumber({ min: 10_000, max: 99_999 }).bits).toBeCloseTo(16.46, 2);
  });

  it("reads a number that was typed in groups", () => {
    expect(randomNumber().normalize!(" 1234-5678 ")).toBe("12345678");
  });

  it.each([
    [{ digits: 3 }, "randomNumber({ digits }) is 3: give a whole number from 4 to 14"],
    [{ min: 5, max: 5 }, "randomNumber({ max }) is 5"],
    [{ min: 0, max: 2 ** 50 }, "randomNumber({ max })"],
  ])("refuses %j", (options, sentence) => {
    expect(() => randomNumber(options as any)).toThrow(sentence);
  });
});
