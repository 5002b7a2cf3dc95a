import { createHmac, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/crypto/encoding.js";
import { canonicalBytes } from "../../src/crypto/canonical.js";
import { checkedSecret, createKeyring } from "../../src/crypto/keyring.js";

const first = "the first secret of the tests 0123456789";
const second = "the second secret of the tests ABCDEFGHI";

describe("a keyring", () => {
  it("makes MACs with a key per purpose, over the purpose and the framed parts", async () => {
    const key = new Uint8Array(hkdfSync("sha256", first, "", "resetkit/signed/v1", 32));
    const expected = createHmac("sha256", key)
      .update(canonicalBytes(["signed", "a", 1, null]))
      .digest("hex");
    expect(hex(await createKeyring(first).mac(0, "signed", ["a", 1, null]))).toBe(expected);
  });

  it("tells apart purposes, secrets, parts, and where one part ends", async () => {
    const keys = createKeyring([first, second]);
    const macs = await Promise.all([
      keys.mac(0, "a", ["bc"]),
      keys.mac(1, "a", ["bc"]),
      keys.mac(0, "ab", ["c"]),
      keys.mac(0, "a", ["b", "c"]),
      keys.mac(0, "a", ["b", "c", ""]),
      keys.mac(0, "a", []),
    ]);
    expect(new Set(macs.map(hex)).size).toBe(macs.length);
    expect(hex(await keys.mac(0, "a", ["bc"]))).toBe(hex(macs[0]!));
    expect(hex(await createKeyring([second, first]).mac(1, "a", ["bc"]))).toBe(hex(macs[0]!));
    expect(hex(await createKeyring([utf8(first)]).mac(0, "a", ["bc"]))).toBe(hex(macs[0]!));
  });

  it("names a secret by one character that depends on the secret alone", async () => {
    const keys = createKeyring([first, second]);
    const names = [await keys.id(0), await keys.id(1)];
    expect(names.join("")).toMatch(/^[0-9A-Za-z]{2}$/);
    expect([await createKeyring(second).id(0), await createKeyring([second, first]).id(1)]).toEqual([
      names[1],
      names[0],
    ]);
    const many = await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        createKeyring(`secret ${i} of the tests 0123456789 abcdef`).id(0),
      ),
    );
    expect(new Set(many).size).toBeGreaterThan(55);
  });

  it("opens what any of its secrets sealed for the same purpose, and seals with the first", async () => {
    const plain = utf8("ada@example.com");
    const old = await createKeyring(first).seal("intent", plain);
    const rotated = createKeyring([second, first]);
    expect(await rotated.open("intent", old)).toEqual(plain);
    expect(await rotated.open("cookie", old)).toBe(null);
    expect(await createKeyring(second).open("intent", old)).toBe(null);
    const fresh = await rotated.seal("intent", plain);
    expect(await createKeyring(second).open("intent", fresh)).toEqual(plain);
    expect(await createKeyring(first).open("intent", fresh)).toBe(null);
    expect(await rotated.open("intent", new Uint8Array())).toBe(null);
  });

  it("keeps the secret that it was given, whatever is written into the bytes afterwards", async () => {
    const bytes = utf8(first);
    const keys = createKeyring(bytes);
    bytes.fill(0);
    expect(hex(await keys.mac(0, "a", []))).toBe(hex(await createKeyring(first).mac(0, "a", [])));
  });

  it("says how many secrets it has: one to eight", () => {
    expect(createKeyring(first).size).toBe(1);
    expect(createKeyring([first, second]).size).toBe(2);
    expect(createKeyring(Array(8).fill(first)).size).toBe(8);
  });
});

describe("a secret", () => {
  it.each<[any, string]>([
    [undefined, "secret is missing"],
    [null, "secret is not 1 to 8 secrets"],
    [[], "secret is not 1 to 8 secrets"],
    [Array(9).fill(first), "secret is not 1 to 8 secrets"],
    [{ secret: first }, "secret is not 1 to 8 secrets"],
    [42, "secret is not 1 to 8 secrets"],
    [[undefined], "secret is missing"],
    [[42], "secret is a number"],
    ["", "secret has 0 bytes, but 32 is the minimum"],
    ["x".repeat(31), "secret has 31 bytes, but 32 is the minimum"],
    [new Uint8Array(31), "secret has 31 bytes, but 32 is the minimum"],
    [[first, "short"], "secret has 5 bytes, but 32 is the minimum"],
    ["é".repeat(16), "a placeholder that anyone could guess"],
    ["a".repeat(64), "a placeholder that anyone could guess"],
    [new Uint8Array(32), "a placeholder that anyone could guess"],
    ["abcdefg".repeat(10), "a placeholder that anyone could guess"],
    ["changeme-changeme-changeme-changeme!!", "a placeholder that anyone could guess"],
    ["please-CHANGE_ME-before-you-go-live-0123", "a placeholder that anyone could guess"],
    ["your-secret-goes-here-0123456789abcdef", "a placeholder that anyone could guess"],
    ["django-insecure-0123456789abcdefghijklmnop", "a placeholder that anyone could guess"],
    ["this is a PLACEHOLDER of 40 characters!!", "a placeholder that anyone could guess"],
  ])("is not %j", (secret, sentence) => {
    expect(() => createKeyring(secret)).toThrow(TypeError);
    expect(() => createKeyring(secret)).toThrow(sentence);
    expect(() => createKeyring(secret)).toThrow(
      /: set it to 32 random bytes or more, as made by: npx resetkit secret$/,
    );
  });

  it("may be 32 bytes of eight kinds, and no error ever shows it", () => {
    createKeyring("abcdefghhgfedcbaacegbdfhhfdbgeca");
    createKeyring(Uint8Array.from({ length: 32 }, (_, i) => i % 8));
    const sentence = "secretKey has 7 bytes, but 32 is the minimum: pass a longer one.";
    expect(() => checkedSecret("hunter2", "secretKey", "pass a longer one.")).toThrow(
      new TypeError(sentence),
    );
  });
});
