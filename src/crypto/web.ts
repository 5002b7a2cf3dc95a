/**
 * The cryptography that resetkit needs, on Web Crypto: for Workers and other runtimes without `node:crypto`.
 * Twin of `crypto/node.ts`; one set of vectors tests both.
 *
 * @module
 */
import { UsageError } from "../check-options.js";

export type MacKey = CryptoKey;
export type SealKey = CryptoKey;

/** `length` bytes of the system's randomness; at most 65,536. */
export function random(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Whether two byte strings are equal, in a time that depends on their lengths alone. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt, 32 bytes, for `mac`. */
export function deriveMacKey(secret: Uint8Array, info: string): Promise<MacKey> {
  return derive(secret, info, { name: "HMAC", hash: "SHA-256", length: 256 }, ["sign"]);
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt, 32 bytes, for `seal`. */
export function deriveSealKey(secret: Uint8Array, info: string): Promise<SealKey> {
  return derive(secret, info, { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]);
}

async function derive(
  secret: Uint8Array,
  info: string,
  algorithm: HmacKeyGenParams | AesKeyGenParams,
  usages: KeyUsage[],
): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey("raw", view(secret), "HKDF", false, ["deriveKey"]);
  const salt = new Uint8Array(0);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: new TextEncoder().encode(info) };
  return crypto.subtle.deriveKey(how, root, algorithm, false, usages);
}

/** A raw key for `mac` with a hash of that name: `sha1`, `sha256`, `sha384` or `sha512`. */
export async function importMacKey(algorithm: string, raw: Uint8Array): Promise<MacKey> {
  // Web Crypto refuses an empty key; a key of one zero byte is the same key to HMAC (RFC 2104 pads with zeros).
  const key = raw.length === 0 ? new Uint8Array(1) : view(raw);
  return crypto.subtle.importKey("raw", key, { name: "HMAC", hash: webName(algorithm) }, false, ["sign"]);
}

/** HMAC (RFC 2104). Copies the message before it returns, as Web Crypto guarantees. */
export async function mac(key: MacKey, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, view(message)));
}

/** AES-256-GCM (NIST SP 800-38D): 12 random bytes, the ciphertext, 16 bytes of tag. */
export async function seal(key: SealKey, plain: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: view(context) };
  const body = new Uint8Array(await crypto.subtle.encrypt(how, key, view(plain)));
  const sealed = new Uint8Array(12 + body.length);
  sealed.set(iv);
  sealed.set(body, 12);
  return sealed;
}

/** Decrypts what `seal` encrypted with that key and context; otherwise `null`. */
export async function open(
  key: SealKey,
  sealed: Uint8Array,
  context: Uint8Array,
): Promise<Uint8Array | null> {
  const how = { name: "AES-GCM", iv: view(sealed.subarray(0, 12)), additionalData: view(context) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(how, key, view(sealed.subarray(12))));
  } catch {
    return null;
  }
}

/** A plain hash, by the names that `importMacKey` knows; Web Crypto has no others. */
export async function digest(algorithm: string, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(webName(algorithm), view(data)));
}

/** Throws a `TypeError` if this platform lacks a hash. */
export function assertHash(algorithm: string, option: string): void {
  if (webHashes.test(algorithm)) return;
  throw new UsageError(
    `${option} is "${algorithm}", but Web Crypto has only sha1, sha256, sha384, and sha512. Run on Node, or leave djangoTokens() out: links that Django sent then stop working.`,
  );
}

const webHashes = /^sha(1|256|384|512)$/;

function webName(algorithm: string): string {
  const bits = webHashes.exec(algorithm)?.[1];
  if (bits) return `SHA-${bits}`;
  throw new UsageError(`Web Crypto doesn't support "${algorithm}". Use sha256, or run on Node.`);
}

/** Web Crypto's types reject bytes that might be shared between threads; ours never are. */
function view(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
