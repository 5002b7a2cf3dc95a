import { describe, expect, it } from "vitest";
import { length } from "../../src/validators/length.js";
import { nobody } from "./context.js";

const check = (password: string, options = {}) => length(options)(password, nobody);

describe("length", () => {
  it("wants eight characters unless it is told otherwise", () => {
    expect(check("1234567")).toEqual({
      code: "too_short",
      params: { min: 8 },
      message: "Use at least 8 characters.",
    });
    expect(check("12345678")).toBeNull();
    expect(check("12345678", { min: 15 })).toMatchObject({ code: "too_short", params: { min: 15 } });
    expect(check("")).toMatchObject({ code: "too_short" });
  });

  it("counts an emoji and a letter with two units as one character each", () => {
    expect(check("😀".repeat(7))).toMatchObject({ code: "too_short" });
    expect(check("😀".repeat(8))).toBeNull();
    expect(check("😀".repeat(256))).toBeNull();
  });

  it("counts blanks at the ends, for they are part of the password", () => {
    expect(check("  1234  ")).toBeNull();
  });

  it("allows 256 characters and no more", () => {
    expect(check("a".repeat(256))).toBeNull();
    expect(check("a".repeat(257))).toEqual({
      code: "too_long",
      params: { max: 256, unit: "characters" },
      message: "Use at most 256 characters.",
    });
    expect(check("😀".repeat(257))).toMatchObject({ code: "too_long", params: { max: 256 } });
    expect(check("a".repeat(10_000_000))).toMatchObject({ code: "too_long" });
  });

  it("can count bytes, for bcrypt", () => {
    expect(check("é".repeat(36), { maxBytes: 72 })).toBeNull();
    expect(check("é".repeat(37), { maxBytes: 72 })).toEqual({
      code: "too_long",
      params: { max: 72, unit: "bytes" },
      message: "Use at most 72 bytes. Accented letters and emoji take several.",
    });
  });

  it.each([
    [{ min: 0 }, "length's min is 0. Pass an integer from 1 to 64."],
    [{ min: 8.5 }, "length's min is 8.5"],
    [{ max: 20 }, "length's max is 20. Pass an integer from 64 to 1024."],
    [{ maxBytes: Infinity }, "length's maxBytes is Infinity"],
    [{ minimum: 8 }, 'length has no option "minimum"'],
  ])("refuses %j", (options, sentence) => {
    expect(() => length(options as object)).toThrow(TypeError);
    expect(() => length(options as object)).toThrow(sentence);
  });
});
