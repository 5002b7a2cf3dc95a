/**
 * The cryptography that resetkit needs, on `node:crypto`. `crypto/web.ts` is its twin on Web Crypto; the `imports` map
 * of package.json chooses. On Node, one HMAC takes 1 to 2 µs here and about 50 µs there.
 *
 * All bytes are plain `Uint8Array`s, as there: the `slice` of a Buffer doesn't copy.
 *
 * @module
 */
import { UsageError } from "../check-options.js";
import * as nodeCrypto from "node:crypto";
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  randomFillSync,
  timingSafeEqual,
  type KeyObject,
} from "node:crypto";

/** The two padded blocks of an HMAC (RFC 2104 §2), each with room behind it for what is hashed after it. */
export interface MacKey {
  readonly algorithm: string;
  readonly blockSize: number;
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

/** A key that can't be printed. */
export type SealKey = KeyObject;

/** `length` bytes of the system's randomness. */
export function random(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (length > pool.length) return randomFillSync(bytes);
  if (left < length) {
    randomFillSync(pool);
    left = pool.length;
  }
  // Taken from the end, and wiped: no byte is returned twice, and none stays.
  bytes.set(pool.subarray(left - length, left));
  pool.fill(0, left - length, left);
  left -= length;
  return bytes;
}

// Fetched in batches: a call costs as much as an index lookup, however few bytes it returns.
const pool = new Uint8Array(1_024);
let left = 0;

/** Whether two byte strings are equal, in a time that depends on their lengths alone. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt, 32 bytes, for `mac`. */
export function deriveMacKey(secret: Uint8Array, info: string): MacKey {
  return importMacKey("sha256", derive(secret, info));
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt, 32 bytes, for `seal`. */
export function deriveSealKey(secret: Uint8Array, info: string): SealKey {
  return createSecretKey(derive(secret, info));
}

function derive(secret: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", info, 32));
}

/** A raw key for `mac` with a hash of that name, as Python's hashlib writes it: `sha256`, `sha3_256`, `md5` … */
export function importMacKey(algorithm: string, raw: Uint8Array): MacKey {
  const [hashSize, blockSize, name = algorithm] = hashNamed(algorithm);
  const key = raw.length > blockSize ? digest(algorithm, raw) : raw;
  const inner = new Uint8Array(blockSize + messageRoom).fill(0x36, 0, blockSize);
  const outer = new Uint8Array(blockSize + hashSize).fill(0x5c, 0, blockSize);
  for (let i = 0; i < key.length; i++) {
    inner[i]! ^= key[i]!;
    outer[i]! ^= key[i]!;
  }
  return { algorithm: name, blockSize, inner, outer };
}

/** Longer messages are rare, and get a buffer of their own. */
const messageRoom = 960;

/**
 * HMAC (RFC 2104), written out as its two hashes: `createHmac` takes twice the time, most of it to make an object
 * that's used once. Copies the message before it returns.
 */
export function mac({ algorithm, blockSize, inner, outer }: MacKey, message: Uint8Array): Uint8Array {
  const size = blockSize + message.length;
  const padded = size <= inner.length ? inner : new Uint8Array(size);
  if (padded !== inner) padded.set(inner.subarray(0, blockSize));
  padded.set(message, blockSize);
  writeBinary(hash(algorithm, padded.subarray(0, size)), outer, blockSize);
  return writeBinary(hash(algorithm, outer), new Uint8Array(outer.length - blockSize), 0);
}

/** A plain hash, by the names that `importMacKey` knows. */
export function digest(algorithm: string, data: Uint8Array): Uint8Array {
  const [size, , name = algorithm] = hashNamed(algorithm);
  return writeBinary(hash(name, data), new Uint8Array(size), 0);
}

/** Throws a `TypeError` if this platform lacks a hash: OpenSSL has no MD5 in FIPS mode. */
export function assertHash(algorithm: string, option: string): void {
  try {
    digest(algorithm, new Uint8Array());
  } catch {
    throw new UsageError(
      `${option} is "${algorithm}", which this build of Node doesn't have. Use one that it has, or leave djangoTokens() out: links that Django sent then stop working.`,
    );
  }
}

// As a string, which is faster than the Buffer that it would otherwise allocate. `hash` is absent before Node 20.12.
const hash: (algorithm: string, data: Uint8Array) => string = nodeCrypto.hash
  ? (algorithm, data) => nodeCrypto.hash(algorithm, data, "binary")
  : (algorithm, data) => createHash(algorithm).update(data).digest("binary");

function writeBinary(text: string, into: Uint8Array, at: number): Uint8Array {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return into;
}

type Hash = readonly [hashSize: number, blockSize: number, openssl?: string];

/** Bytes of a hash, and of the blocks that an HMAC pads to (RFC 2104, FIPS 202, RFC 7693), and OpenSSL's name for it. */
const hashes: Readonly<Record<string, Hash>> = {
  md5: [16, 64],
  sha1: [20, 64],
  sha224: [28, 64],
  sha256: [32, 64],
  sha384: [48, 128],
  sha512: [64, 128],
  sha3_224: [28, 144, "sha3-224"],
  sha3_256: [32, 136, "sha3-256"],
  sha3_384: [48, 104, "sha3-384"],
  sha3_512: [64, 72, "sha3-512"],
  blake2b: [64, 128, "blake2b512"],
  blake2s: [32, 64, "blake2s256"],
};

function hashNamed(algorithm: string): Hash {
  const found = Object.hasOwn(hashes, algorithm) ? hashes[algorithm] : undefined;
  if (!found) throw new UsageError(`This version of Node doesn't support "${algorithm}". Use sha256.`);
  return found;
}

/** AES-256-GCM (NIST SP 800-38D): 12 random bytes, the ciphertext, 16 bytes of tag. */
export function seal(key: SealKey, plain: Uint8Array, context: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(12 + plain.length + 16);
  sealed.set(random(12));
  const cipher = createCipheriv("aes-256-gcm", key, sealed.subarray(0, 12)).setAAD(context);
  sealed.set(cipher.update(plain), 12);
  cipher.final();
  sealed.set(cipher.getAuthTag(), 12 + plain.length);
  return sealed;
}

/** Decrypts what `seal` encrypted with that key and context; otherwise `null`. */
export function open(key: SealKey, sealed: Uint8Array, context: Uint8Array): Uint8Array | null {
  if (sealed.length < 28) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12))
    .setAAD(context)
    .setAuthTag(sealed.subarray(-16));
  const plain = new Uint8Array(decipher.update(sealed.subarray(12, -16)));
  try {
    decipher.final();
    return plain;
  } catch {
    return null;
  }
}
