/**
 * The cryptography that resetkit needs, on `node:crypto`. `crypto.web.ts` is its twin on Web Crypto; the
 * `imports` map of package.json chooses. On Node one HMAC costs 2 to 3 µs here and about 50 µs there.
 *
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from "node:crypto";

/** A key that cannot be printed. A `KeyObject`, because a raw buffer makes `createHmac` 6 times slower on Node 24. */
export type MacKey = KeyObject;
export type SealKey = KeyObject;

/** `length` bytes of the system's randomness. */
export function random(length: number): Uint8Array {
  return randomBytes(length);
}

/** Whether two byte strings are equal, in a time that depends on their lengths alone. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt, 32 bytes, for `mac`. */
export function deriveMacKey(secret: Uint8Array, info: string): MacKey {
  return derive(secret, info);
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt, 32 bytes, for `seal`. */
export function deriveSealKey(secret: Uint8Array, info: string): SealKey {
  return derive(secret, info);
}

function derive(secret: Uint8Array, info: string): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync("sha256", secret, "", info, 32)));
}

/** HMAC-SHA-256 (RFC 2104). */
export function mac(key: MacKey, message: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(message).digest();
}

/** AES-256-GCM (NIST SP 800-38D): 12 random bytes, the ciphertext, 16 bytes of tag. */
export function seal(key: SealKey, plain: Uint8Array, context: Uint8Array): Uint8Array {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(context);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What `seal` sealed with that key and context, or `null`. */
export function open(key: SealKey, sealed: Uint8Array, context: Uint8Array): Uint8Array | null {
  if (sealed.length < 28) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12))
    .setAAD(context)
    .setAuthTag(sealed.subarray(-16));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
  } catch {
    return null;
  }
}

/** A plain hash by Node's name for it (`sha1`, `sha224`, `sha256`, `sha384`, `sha512`). */
export function digest(algorithm: string, data: Uint8Array): Uint8Array {
  return createHash(algorithm).update(data).digest();
}

/** An HMAC with any of those hashes and a raw key. */
export function hmac(algorithm: string, key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac(algorithm, key).update(data).digest();
}
