import { UsageError } from "../check-options.js";
import { deriveMacKey, deriveSealKey, mac, open, seal, type MacKey, type SealKey } from "#crypto";
import type { Awaitable, Keyring, StateValue } from "../ports.js";
import { canonicalBytesShared } from "./canonical.js";
import { utf8 } from "./encoding.js";
import { weaknessOf } from "./weak-secret.js";

const kids = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * Derives a key per secret and purpose (HKDF-SHA-256, RFC 5869), so that no key serves two purposes and a
 * token of one kind can never pass for one of another. Keys are derived once, when first used.
 *
 * Throws a `TypeError` for a secret below 32 bytes, a placeholder, or more than 8 secrets.
 */
export function createKeyring(
  secret: string | Uint8Array | readonly (string | Uint8Array)[] | undefined,
): Keyring {
  const list = typeof secret === "string" || secret instanceof Uint8Array ? [secret] : (secret ?? []);
  if (!Array.isArray(list) || list.length < 1 || list.length > 8) {
    throw new UsageError(
      `secret is ${secret === undefined ? "missing" : "not 1 to 8 secrets"}: ${howToMakeOne}`,
    );
  }
  const secrets = list.map((each) => checkedSecret(each, "secret", howToMakeOne));
  const macKeys = new Map<string, Awaitable<MacKey>[]>();
  const sealKeys = new Map<string, Awaitable<SealKey>[]>();
  const ids: string[] = [];

  const macKey = (index: number, purpose: string) =>
    (listOf(macKeys, purpose)[index] ??= deriveMacKey(secrets[index]!, info(purpose)));
  const sealKey = (index: number, purpose: string) =>
    (listOf(sealKeys, purpose)[index] ??= deriveSealKey(secrets[index]!, info(purpose)));

  const macOf = (index: number, purpose: string, parts: readonly StateValue[]): Awaitable<Uint8Array> => {
    const key = macKey(index, purpose);
    // Encoded last: `mac` copies the bytes before it returns.
    if (!isPromise(key)) return mac(key, canonicalBytesShared(purpose, parts));
    return key.then((ready) => mac(ready, canonicalBytesShared(purpose, parts)));
  };

  return {
    size: secrets.length,
    mac: macOf,
    async id(index) {
      return (ids[index] ??= kids[(await macOf(index, "kid", []))[0]! % kids.length]!);
    },
    async seal(purpose, plain) {
      return seal(await sealKey(0, purpose), plain, utf8(purpose));
    },
    async open(purpose, sealed) {
      for (let index = 0; index < secrets.length; index++) {
        const plain = await open(await sealKey(index, purpose), sealed, utf8(purpose));
        if (plain) return plain;
      }
      return null;
    },
  };
}

const howToMakeOne = "set it to 32 random bytes or more, as made by: npx resetkit secret";

/** The bytes of a secret. Throws a `TypeError`, which ends with `fix`, if it could be guessed. */
export function checkedSecret(secret: unknown, option: string, fix: string): Uint8Array {
  const bytes = typeof secret === "string" ? utf8(secret) : secret;
  if (!(bytes instanceof Uint8Array)) {
    throw new UsageError(`${option} is ${secret === undefined ? "missing" : `a ${typeof secret}`}: ${fix}`);
  }
  if (bytes.length < 32) {
    throw new UsageError(`${option} has ${bytes.length} bytes, but 32 is the minimum: ${fix}`);
  }
  const weakness =
    (new Set(bytes).size < 8 && "is a placeholder that anyone could guess") ||
    (typeof secret === "string" && weaknessOf(secret));
  if (weakness) throw new UsageError(`${option} ${weakness}: ${fix}`);
  return bytes.slice();
}

function info(purpose: string): string {
  return `resetkit/${purpose}/v1`;
}

function listOf<T>(lists: Map<string, T[]>, purpose: string): T[] {
  let list = lists.get(purpose);
  if (!list) lists.set(purpose, (list = []));
  return list;
}

function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown }).then === "function";
}
