import fc from "fast-check";
import { createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import * as node from "../../src/crypto/node.js";
import * as web from "../../src/crypto/web.js";
import { fromHex, hex, utf8 } from "../../src/crypto/encoding.js";

// Runtimes that stand in for Node do not all have its one-shot hash.
const longHash = vi.fn(createHash);
vi.doMock("node:crypto", async (original) => ({
  ...(await original<object>()),
  ...{ hash: undefined, createHash: longHash },
}));
vi.resetModules();
const older = await import("../../src/crypto/node.js");
vi.doUnmock("node:crypto");

const bytes = (text: string) => fromHex(text.replaceAll(" ", ""))!;
const repeated = (byte: number, length: number) => new Uint8Array(length).fill(byte);
// Each has keys of its own kind, and takes no other's: the tests never mix them but where they say so.
const twins: readonly [name: string, crypto: typeof node][] = [
  ["node:crypto", node],
  ["node:crypto without crypto.hash", older],
  ["Web Crypto", web as unknown as typeof node],
];

async function hmac(crypto: typeof node, algorithm: string, key: Uint8Array, data: Uint8Array) {
  return crypto.mac(await crypto.importMacKey(algorithm, key), data);
}

/** RFC 4231, sections 4.2 to 4.8 without the one whose output is cut. */
const rfc4231 = [
  {
    key: repeated(0x0b, 20),
    data: utf8("Hi There"),
    sha224: "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
    sha256: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    sha384:
      "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
    sha512:
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
  },
  {
    key: utf8("Jefe"),
    data: utf8("what do ya want for nothing?"),
    sha224: "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
    sha256: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    sha384:
      "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
    sha512:
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
  },
  {
    key: repeated(0xaa, 20),
    data: repeated(0xdd, 50),
    sha224: "7fb3cb3588c6c1f6ffa9694d7d6ad2649365b0c1f65d69d1ec8333ea",
    sha256: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    sha384:
      "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
    sha512:
      "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
  },
  {
    key: repeated(0xaa, 131),
    data: utf8("Test Using Larger Than Block-Size Key - Hash Key First"),
    sha224: "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e",
    sha256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    sha384:
      "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
    sha512:
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
  },
];

describe.each(twins)("cryptography on %s", (_, crypto) => {
  const hashes = [
    "sha256",
    "sha384",
    "sha512",
    ...(crypto === (web as unknown) ? [] : (["sha224"] as const)),
  ] as const;

  it.each(hashes)("agrees with RFC 4231 on HMAC with %s", async (algorithm) => {
    for (const { key, data, ...macs } of rfc4231) {
      expect(hex(await hmac(crypto, algorithm, key, data))).toBe(macs[algorithm]);
    }
  });

  it("agrees with RFC 2202 on HMAC with sha1, and with FIPS 180-4 on the hashes of abc", async () => {
    expect(hex(await hmac(crypto, "sha1", utf8("Jefe"), utf8("what do ya want for nothing?")))).toBe(
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    );
    expect(hex(await crypto.digest("sha1", utf8("abc")))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(hex(await crypto.digest("sha256", utf8("abc")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    expect(hex(await crypto.digest("sha512", utf8("abc")))).toMatch(/^ddaf35a193617abacc417349ae204131/);
  });

  it("takes an empty key, and keeps keys and data as they were", async () => {
    const key = bytes("00 01 02");
    const data = utf8("data");
    expect(hex(await hmac(crypto, "sha256", new Uint8Array(), utf8("")))).toBe(
      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
    );
    await hmac(crypto, "sha256", key, data);
    expect([hex(key), hex(data)]).toEqual(["000102", hex(utf8("data"))]);
  });

  it("derives keys as RFC 5869 says (its third case, without salt and info)", async () => {
    const okm = bytes("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    const key = await crypto.deriveMacKey(repeated(0x0b, 22), "");
    const message = utf8("Hi There");
    expect(hex(await crypto.mac(key, message))).toBe(createHmac("sha256", okm).update(message).digest("hex"));
  });

  it("derives another key for every purpose", async () => {
    const secret = repeated(1, 32);
    const keys = await Promise.all(["a", "b"].map((info) => crypto.deriveMacKey(secret, info)));
    const macs = await Promise.all(keys.map((key) => crypto.mac(key, utf8("x"))));
    const expected = ["a", "b"].map((info) =>
      createHmac("sha256", new Uint8Array(hkdfSync("sha256", secret, "", info, 32)))
        .update("x")
        .digest("hex"),
    );
    expect(macs.map(hex)).toEqual(expected);
  });

  it("makes the same MAC as createHmac of messages of every length, one after the other", async () => {
    const secret = repeated(7, 40);
    const key = await crypto.deriveMacKey(secret, "lengths");
    const raw = new Uint8Array(hkdfSync("sha256", secret, "", "lengths", 32));
    for (const length of [0, 1, 31, 55, 56, 63, 64, 65, 150, 900, 959, 960, 961, 1024, 5000, 150, 0]) {
      const message = Uint8Array.from({ length }, (_, i) => i * 13);
      expect(hex(await crypto.mac(key, message)), String(length)).toBe(
        createHmac("sha256", raw).update(message).digest("hex"),
      );
    }
  });

  it("makes the same MAC as createHmac with keys of every length", async () => {
    const message = utf8("Hi There");
    for (const length of [0, 1, 63, 64, 65, 127, 128, 129, 200]) {
      for (const algorithm of hashes) {
        const raw = Uint8Array.from({ length }, (_, i) => i + 1);
        expect(hex(await hmac(crypto, algorithm, raw, message)), `${algorithm} ${length}`).toBe(
          createHmac(algorithm, raw).update(message).digest("hex"),
        );
      }
    }
  });

  it.each(["sha2", "sha2567", "xsha256", "sha-256", "SHA256", "sha512/256", "md4"])(
    "knows no hash %j",
    async (name) => {
      await expect(async () => crypto.digest(name, utf8("abc"))).rejects.toThrow(
        `support "${name}". Use sha256`,
      );
      await expect(async () => crypto.importMacKey(name, utf8("abc"))).rejects.toThrow(TypeError);
    },
  );

  it("takes its copy of a message at once: what is written into the buffer afterwards does not count", async () => {
    const key = await crypto.deriveMacKey(repeated(1, 32), "copy");
    const buffer = utf8("first message");
    const pending = crypto.mac(key, buffer);
    buffer.fill(0);
    const again = await crypto.mac(key, utf8("first message"));
    expect(hex(await pending)).toBe(hex(again));
  });

  it("gives MACs that are nobody else's memory", async () => {
    const key = await crypto.deriveMacKey(repeated(1, 32), "apart");
    const first = await crypto.mac(key, utf8("one"));
    const kept = hex(first);
    await crypto.mac(key, utf8("two"));
    expect(hex(first)).toBe(kept);
  });

  it("seals as AES-256-GCM: twelve bytes of nonce, the ciphertext, sixteen of tag", async () => {
    const secret = repeated(3, 32);
    const key = await crypto.deriveSealKey(secret, "seal");
    const plain = utf8("nobody@example.com");
    const sealed = await crypto.seal(key, plain, utf8("context"));
    const raw = new Uint8Array(hkdfSync("sha256", secret, "", "seal", 32));
    const cipher = createCipheriv("aes-256-gcm", raw, sealed.subarray(0, 12)).setAAD(utf8("context"));
    const expected = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    expect(hex(sealed.subarray(12))).toBe(expected.toString("hex"));
    expect(hex((await crypto.open(key, sealed, utf8("context")))!)).toBe(hex(plain));
    const again = await crypto.seal(key, plain, utf8("context"));
    expect(hex(again.subarray(0, 12))).not.toBe(hex(sealed.subarray(0, 12)));
  });

  it("opens nothing that was changed in one bit, cut, or meant for another key or context", async () => {
    const key = await crypto.deriveSealKey(repeated(3, 32), "seal");
    const other = await crypto.deriveSealKey(repeated(3, 32), "another");
    const context = utf8("context");
    for (const plain of [utf8("data"), utf8("")]) {
      const sealed = await crypto.seal(key, plain, context);
      for (let bit = 0; bit < sealed.length * 8; bit++) {
        const changed = sealed.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(await crypto.open(key, changed, context)).toBe(null);
      }
      for (let length = 0; length < sealed.length; length++) {
        expect(await crypto.open(key, sealed.subarray(0, length), context)).toBe(null);
      }
      expect(await crypto.open(other, sealed, context)).toBe(null);
      expect(await crypto.open(key, sealed, utf8("contexu"))).toBe(null);
      expect(await crypto.open(key, sealed, context)).toEqual(new Uint8Array(plain));
    }
  });

  it("compares bytes", () => {
    expect(crypto.equal(bytes("0102"), bytes("0102"))).toBe(true);
    expect(crypto.equal(bytes(""), bytes(""))).toBe(true);
    for (const other of ["0103", "8102", "01", "010203", ""]) {
      expect(crypto.equal(bytes("0102"), bytes(other))).toBe(false);
    }
  });

  it("draws bytes that differ, and use all values", () => {
    for (const length of [0, 1, 16, 32, 4096]) expect(crypto.random(length)).toHaveLength(length);
    expect(hex(crypto.random(16))).not.toBe(hex(crypto.random(16)));
    expect(new Set(crypto.random(65_536)).size).toBe(256);
  });
});

describe("the twins", () => {
  it("on Web Crypto give no key out", async () => {
    for (const key of [
      await web.deriveMacKey(repeated(1, 32), "x"),
      await web.deriveSealKey(repeated(1, 32), "x"),
      await web.importMacKey("sha256", repeated(1, 32)),
    ]) {
      await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow("not extractable");
    }
  });

  it("on Node are one-shot hashes, and long ones where there are no others", () => {
    longHash.mockClear();
    node.digest("sha256", utf8("abc"));
    expect(longHash).not.toHaveBeenCalled();
    older.digest("sha256", utf8("abc"));
    expect(longHash).toHaveBeenCalledOnce();
  });

  it("make one MAC and open each other's seals (300 cases)", async () => {
    const any = (max: number) => fc.uint8Array({ maxLength: max });
    const secret = fc.uint8Array({ minLength: 32, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(secret, fc.string(), any(2000), any(40), async (secret, info, message, context) => {
        const macs = [
          node.mac(node.deriveMacKey(secret, info), message),
          await web.mac(await web.deriveMacKey(secret, info), message),
        ];
        expect(hex(macs[0]!)).toBe(hex(macs[1]!));
        const [nodeKey, webKey] = [node.deriveSealKey(secret, info), await web.deriveSealKey(secret, info)];
        const fromNode = node.seal(nodeKey, message, context);
        const fromWeb = await web.seal(webKey, message, context);
        expect(hex((await web.open(webKey, fromNode, context))!)).toBe(hex(message));
        expect(hex(node.open(nodeKey, fromWeb, context)!)).toBe(hex(message));
      }),
      { numRuns: 300 },
    );
  });

  it("differ in sha224, which Web Crypto says it has not", async () => {
    expect(node.digest("sha224", utf8("abc"))).toHaveLength(28);
    await expect(web.digest("sha224", utf8("abc"))).rejects.toThrow(
      'Web Crypto doesn\'t support "sha224". Use sha256, or run on Node.',
    );
    expect(() => node.digest("md4", utf8("abc"))).toThrow(
      'This version of Node doesn\'t support "md4". Use sha256.',
    );
    expect(() => node.importMacKey("sha2", utf8("abc"))).toThrow(TypeError);
    await expect(web.importMacKey("md5", utf8("key"))).rejects.toThrow('support "md5"');
  });

  it.each([
    ["md5", "md5"],
    ["sha3_224", "sha3-224"],
    ["sha3_256", "sha3-256"],
    ["sha3_384", "sha3-384"],
    ["sha3_512", "sha3-512"],
    ["blake2b", "blake2b512"],
    ["blake2s", "blake2s256"],
  ])("differ in %s, of which Node makes what createHmac does, with keys of every length", (name, openssl) => {
    const message = utf8("Hi There");
    expect(hex(node.digest(name, message))).toBe(createHash(openssl).update(message).digest("hex"));
    for (const length of [0, 1, 64, 65, 72, 73, 104, 105, 128, 129, 136, 137, 144, 145]) {
      const raw = Uint8Array.from({ length }, (_, i) => i + 1);
      const ours = node.mac(node.importMacKey(name, raw), message);
      expect(hex(ours), String(length)).toBe(createHmac(openssl, raw).update(message).digest("hex"));
    }
    expect(() => node.assertHash(name, "x")).not.toThrow();
    expect(() => web.assertHash(name, "djangoTokens({ algorithm })")).toThrow(
      `djangoTokens({ algorithm }) is "${name}", but Web Crypto has only sha1, sha256, sha384, and sha512. Run on Node`,
    );
  });

  it("refuse a hash that OpenSSL was built without, in a sentence", () => {
    expect(() => node.assertHash("md4", "djangoTokens({ algorithm })")).toThrow(
      'djangoTokens({ algorithm }) is "md4", which this build of Node doesn\'t have.',
    );
  });
});
