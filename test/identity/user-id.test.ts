import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { UserId } from "resetkit/types";
import { isObjectId, plainUserId, readUserId, writeUserId } from "../../src/identity/user-id.js";

const objectId = (text: string) => ({ toHexString: () => text });

describe("an account's id", () => {
  it.each<[UserId, string]>([
    [42, "n:42"],
    [-1, "n:-1"],
    [0, "n:0"],
    [2 ** 53 - 1, "n:9007199254740991"],
    [42n, "b:42"],
    [2n ** 63n, "b:9223372036854775808"],
    ["42", "s:42"],
    ["n:42", "s:n:42"],
    [" ", "s: "],
    [new Uint8Array([0, 255]), "x:00ff"],
  ])("%s is written with its type, as %s, and comes back as it was", (id, text) => {
    expect(writeUserId(id)).toBe(text);
    const read = readUserId(text);
    expect(read instanceof Uint8Array ? new Uint8Array(read) : read).toEqual(id);
  });

  it("made of bytes comes back as a Buffer, which every driver takes, and without Buffer as a Uint8Array", () => {
    const id = readUserId(writeUserId(new Uint8Array([0, 255])));
    expect(id).toBeInstanceOf(Buffer);
    expect((id as Buffer).equals(Buffer.from([0, 255]))).toBe(true);
    vi.stubGlobal("Buffer", undefined);
    const plain = readUserId("x:00ff");
    vi.unstubAllGlobals();
    expect(Object.getPrototypeOf(plain)).toBe(Uint8Array.prototype);
    expect(plain).toEqual(new Uint8Array([0, 255]));
  });

  it("that is an ObjectId comes back as its text, or as parseId makes it", () => {
    const id = objectId("507f1f77bcf86cd799439011");
    expect(writeUserId(id)).toBe("o:507f1f77bcf86cd799439011");
    expect(readUserId("o:507f1f77bcf86cd799439011")).toBe("507f1f77bcf86cd799439011");
    const parsed = readUserId("o:507f1f77bcf86cd799439011", objectId);
    expect(isObjectId(parsed) && parsed.toHexString()).toBe("507f1f77bcf86cd799439011");
    expect(readUserId("s:507f", () => "never asked")).toBe("507f");
  });

  it.each<[UserId, string]>([
    [42, "42"],
    [-1, "-1"],
    [42n, "42"],
    ["ada", "ada"],
    ["n:42", "n:42"],
    [new Uint8Array([0, 255]), "00ff"],
    [objectId("507f1f77bcf86cd799439011"), "507f1f77bcf86cd799439011"],
  ])("%o is shown to people without its type, as %s", (id, text) => expect(plainUserId(id)).toBe(text));

  it.each<[any, string]>([
    [undefined, "undefined"],
    [null, "a object"],
    ["", "a string"],
    [1.5, "a number"],
    [2 ** 53, "a number"],
    [Number.NaN, "a number"],
    [true, "a boolean"],
    [{}, "a object"],
    [{ toHexString: "no" }, "a object"],
    [[1], "a object"],
  ])("is no %s", (id, called) => {
    expect(() => writeUserId(id)).toThrow(`users.idOf returned ${called}. Return a string, a safe integer`);
    expect(() => writeUserId(id)).toThrow(TypeError);
  });

  it("has a text of its own: two ids have one only if they are equal (5,000 pairs)", () => {
    const id: fc.Arbitrary<UserId> = fc.oneof(
      fc.integer({ min: -30, max: 30 }),
      fc.bigInt({ min: -30n, max: 30n }),
      fc.string({ minLength: 1, maxLength: 3 }),
      fc.integer({ min: -30, max: 30 }).map(String),
      fc.uint8Array({ maxLength: 2 }),
    );
    fc.assert(
      fc.property(id, id, (a, b) => {
        const isEqual = typeof a === typeof b && String(a) === String(b);
        expect(writeUserId(a) === writeUserId(b)).toBe(isEqual);
        const read = readUserId(writeUserId(a));
        const expected = Object.is(a, -0) ? 0 : a;
        expect(read instanceof Uint8Array ? [...read] : read).toEqual(
          a instanceof Uint8Array ? [...a] : expected,
        );
      }),
      { numRuns: 5_000 },
    );
  });
});
