import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64url, utf8 } from "../../../src/crypto/encoding.js";
import { idCodec, type IdKind } from "../../../src/tokens/shared/ids.js";
import type { UserId } from "resetkit/types";

const codec = (kind: IdKind) => idCodec(kind, "signedTokens({ ids })");
const uuid = "0190b5f0-7b1a-7c3e-8f00-00000000002a";
const objectId = { toHexString: () => "507f1f77bcf86cd799439011" };

describe("an id in a token", () => {
  it.each<[IdKind, UserId, string, string, UserId]>([
    ["integer", 0, "0", "0", 0],
    ["integer", -0, "0", "0", 0],
    ["integer", 35, "z", "35", 35],
    ["integer", -36, "-10", "-36", -36],
    ["integer", "35", "z", "35", 35],
    ["integer", 35n, "z", "35", 35],
    ["integer", 2 ** 53 - 1, "2gosa7pa2gv", "9007199254740991", 2 ** 53 - 1],
    ["integer", 2n ** 53n, "2gosa7pa2gw", "9007199254740992", 2n ** 53n],
    ["integer", -(2n ** 53n), "-2gosa7pa2gw", "-9007199254740992", -(2n ** 53n)],
    ["integer", 2n ** 64n - 1n, "3w5e11264sgsf", "18446744073709551615", 2n ** 64n - 1n],
    ["integer", -(2n ** 63n), "-1y2p0ij32e8e8", "-9223372036854775808", -(2n ** 63n)],
    ["integer", "18446744073709551615", "3w5e11264sgsf", "18446744073709551615", 2n ** 64n - 1n],
    ["uuid", uuid, "AZC18HsafD6PAAAAAAAAKg", uuid, uuid],
    ["uuid", uuid.toUpperCase(), "AZC18HsafD6PAAAAAAAAKg", uuid, uuid],
    ["uuid", uuid.replaceAll("-", ""), "AZC18HsafD6PAAAAAAAAKg", uuid, uuid],
    ["text", "ada", "YWRh", "ada", "ada"],
    ["text", "é".repeat(32), base64url(utf8("é".repeat(32))), "é".repeat(32), "é".repeat(32)],
    [
      "text",
      objectId,
      base64url(utf8(objectId.toHexString())),
      objectId.toHexString(),
      objectId.toHexString(),
    ],
  ])("of the kind %s: %s is %s, or %s in full", (kind, id, short, plain, back) => {
    expect(codec(kind).pack(id)).toBe(short);
    expect(codec(kind).print(id)).toBe(plain);
    expect(codec(kind).unpack(short)).toBe(back);
    expect(codec(kind).parse(plain)).toBe(back);
  });

  it.each<[number | bigint, string]>([
    [42, "_16"],
    [-42n, "_-16"],
    [2n ** 64n - 1n, "_3w5e11264sgsf"],
  ])("of the kind text may be the number %s: %s", (id, short) => {
    expect(codec("text").pack(id)).toBe(short);
    expect(codec("text").unpack(short)).toBe(typeof id === "bigint" && id > 0 ? id : Number(id));
  });

  it.each<[IdKind, readonly string[]]>([
    [
      "integer",
      ["", "-", "-0", "00", "01", "-01", "Z", "z!", "+z", " z", "z ", "1.5", "--1", "_1", "é"].concat(
        // One beyond 64 bits on both sides, and one digit too many.
        ["3w5e11264sgsg", "-1y2p0ij32e8e9", "10000000000000", "-10000000000000"],
      ),
    ],
    [
      "uuid",
      [
        "",
        "AZC18HsafD6PAAAAAAAAK",
        "AZC18HsafD6PAAAAAAAAKh",
        "AZC18HsafD6PAAAAAAAAKgA",
        "AZC18HsafD6PAAAAAAAAK=",
      ],
    ],
    ["text", ["", "YWR", "YWRhA", "YW!h", "_", "_01", "_Z", "-_-_", "gA", base64url(utf8("x".repeat(65)))]],
  ])("of the kind %s has one spelling: not %j", (kind, others) => {
    for (const other of others) expect(codec(kind).unpack(other), other).toBe(null);
  });

  it.each<[IdKind, readonly string[]]>([
    [
      "integer",
      [
        "",
        "-",
        "-0",
        "00",
        "01",
        "-01",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "1.0",
        "1e3",
        "0x1",
        "١",
        "1_2",
        "a1",
      ].concat(["18446744073709551616", "-9223372036854775809", "100000000000000000000"]),
    ],
    [
      "uuid",
      [
        "",
        uuid.toUpperCase(),
        uuid.replaceAll("-", ""),
        `${uuid}0`,
        `0${uuid}`,
        `${uuid}\n`,
        uuid.replace("0", "g"),
      ],
    ],
    ["text", ["", "x".repeat(65), "é".repeat(33)]],
  ])("of the kind %s has one spelling in full: not %j", (kind, others) => {
    for (const other of others) expect(codec(kind).parse(other), other).toBe(null);
  });

  it.each<[IdKind, unknown, string]>([
    [
      "integer",
      1.5,
      `users.idOf returned a value of type number, which isn't a 64-bit integer. Set ids: "text" or ids: "uuid".`,
    ],
    ["integer", 2 ** 53, "a value of type number, which isn't a 64-bit"],
    ["integer", 2n ** 64n, "a value of type bigint, which isn't a 64-bit"],
    ["integer", -(2n ** 63n) - 1n, "a value of type bigint, which isn't a 64-bit"],
    ["integer", "007", "a string of 3 characters, which isn't a 64-bit"],
    ["integer", "18446744073709551616", "a string of 20 characters, which isn't a 64-bit"],
    ["integer", null, "users.idOf returned nothing, which isn't a 64-bit"],
    ["integer", undefined, "users.idOf returned nothing, which isn't a 64-bit"],
    ["integer", true, "a value of type boolean, which isn't a 64-bit"],
    ["uuid", 5, `a value of type number, which isn't a UUID. Set ids: "integer" or ids: "text".`],
    ["uuid", uuid.slice(1), "a string of 35 characters, which isn't a UUID"],
    ["uuid", `${uuid}0`, "isn't a UUID"],
    ["uuid", `0${uuid}`, "isn't a UUID"],
    ["uuid", uuid.replaceAll("-", "") + "0", "isn't a UUID"],
    ["uuid", `{${uuid}}`, "isn't a UUID"],
    ["uuid", "0190b5f07-b1a-7c3e-8f00-00000000002a", "isn't a UUID"],
    [
      "text",
      "",
      `which isn't a string of 1 to 64 bytes. Set ids: "integer" or ids: "uuid", or use storedTokens().`,
    ],
    ["text", "x".repeat(65), "a string of 65 characters, which isn't a string of 1 to 64 bytes"],
    ["text", "\ud800", "a string of 1 characters, which isn't a string of 1 to 64 bytes"],
    ["text", new Uint8Array(16), "a value of type object, which isn't a string of 1 to 64 bytes"],
    ["text", { toHexString: () => 5 }, "isn't a string of 1 to 64 bytes"],
  ])("of the kind %s is not %s", (kind, id, sentence) => {
    for (const write of [codec(kind).pack, codec(kind).print]) {
      expect(() => write(id as UserId)).toThrow(sentence);
      expect(() => write(id as UserId)).toThrow(TypeError);
    }
  });

  it.each([["int"], ["toString"], [5], [null]])("is of no kind %j", (kind) => {
    expect(() => idCodec(kind as IdKind, "djangoTokens({ ids })")).toThrow(
      `djangoTokens({ ids }) is ${JSON.stringify(kind)}. Use "integer", "uuid", or "text".`,
    );
    expect(() => idCodec(kind as IdKind, "ids")).toThrow(TypeError);
  });

  const ids: Record<IdKind, fc.Arbitrary<UserId>> = {
    integer: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })),
    uuid: fc.uuid(),
    text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).filter((id) => utf8(id).length <= 64),
  };
  it.each(Object.entries(ids) as [IdKind, fc.Arbitrary<UserId>][])(
    "of the kind %s comes back, and what reads as an id is how that id is written (500 ids, 500 texts)",
    (kind, id) => {
      const { pack, unpack, print, parse } = codec(kind);
      fc.assert(
        fc.property(id, (id) => {
          expect(String(unpack(pack(id)))).toBe(String(id));
          expect(String(parse(print(id)))).toBe(String(id));
        }),
        { numRuns: 500 },
      );
      const text = fc.oneof(
        fc.string({ unit: fc.constantFrom(..."-_01azAZ9"), maxLength: 24 }),
        fc.string({ unit: "binary", maxLength: 8 }).map((one) => one.replace(/\p{Cs}/gu, "?")),
      );
      fc.assert(
        fc.property(text, (text) => {
          const [short, plain] = [unpack(text), parse(text)];
          if (short !== null) expect(pack(short)).toBe(text);
          if (plain !== null) expect(print(plain)).toBe(text);
        }),
        { numRuns: 500 },
      );
    },
  );
});
