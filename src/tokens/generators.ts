/**
 * Generators of token texts. Each declares the minimum entropy of any text that it makes. Below 64 bits, a text is a
 * code, which is bound to an account, and whose attempts are counted (NIST SP 800-63B-4 §3.2.2).
 *
 * @module
 */
import { random } from "#crypto";
import { assertFunction, assertInteger, assertKnownKeys, UsageError } from "../check-options.js";
import { base64url } from "../crypto/encoding.js";
import type { Generator } from "../ports.js";

/** A source of randomness: returns `length` random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

const alphabets = {
  hex: "0123456789abcdef",
  base64url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  /** Crockford's base 32: no I, L, O or U, which are easily confused on paper. */
  crockford: "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
} as const;

export interface RandomStringOptions {
  /** Number of characters, if all texts have the same length. */
  readonly length?: number;
  /** Minimum number of characters, if the length is random, each equally likely. At least 4. */
  readonly minLength?: number;
  /** Maximum number of characters. At most 256. */
  readonly maxLength?: number;
  /** `"hex"` (default), `"base64url"`, `"crockford"`, or 2 to 94 different printable ASCII characters. */
  readonly alphabet?: keyof typeof alphabets | (string & {});
  /** Source of randomness. Default: the system's. */
  readonly random?: RandomBytes;
}

/**
 * A generator of random text. Without options: 32 random bytes as base64url, 43 characters and 256 bits, which always
 * end in a letter or digit, so that no mail program cuts the link short.
 *
 * With lengths: characters of an alphabet. `{ minLength: 10, maxLength: 50 }` is what django-rest-passwordreset makes:
 * 40 to 200 bits, depending on the token, so its `bits` is 40.
 */
export function randomString(options: RandomStringOptions = {}): Generator {
  assertKnownKeys(options, ["length", "minLength", "maxLength", "alphabet", "random"], "randomString()");
  const { length, minLength, maxLength, alphabet: name = "hex", random: bytes = random } = options;
  assertFunction(bytes, "randomString({ random })", howToBeRandom);
  if ((length ?? minLength ?? maxLength ?? options.alphabet) === undefined) {
    return { bits: 256, generate: () => base64url(bytes(32)) };
  }
  if (length !== undefined && (minLength ?? maxLength) !== undefined) {
    throw new UsageError(
      "randomString() takes one length or a range. Leave out length, or minLength and maxLength.",
    );
  }

  const min = length ?? minLength ?? 10;
  const max = length ?? maxLength ?? Math.max(50, min);
  assertInteger(
    min,
    length === undefined ? "randomString({ minLength })" : "randomString({ length })",
    4,
    256,
  );
  assertInteger(max, "randomString({ maxLength })", min, 256);
  const alphabet = Object.hasOwn(alphabets, name) ? alphabets[name as keyof typeof alphabets] : String(name);
  if (!/^[\x21-\x7e]{2,}$/.test(alphabet) || new Set(alphabet).size !== alphabet.length) {
    throw new UsageError(
      'randomString({ alphabet }) must be "hex", "base64url", "crockford", or printable ASCII characters, each of them once.',
    );
  }
  return {
    bits: min * Math.log2(alphabet.length),
    generate() {
      let text = "";
      for (let rest = min + below(max - min + 1, bytes); rest > 0; rest--) {
        text += alphabet.charAt(below(alphabet.length, bytes));
      }
      return text;
    },
    ...(name === "crockford" && { normalize: readCrockford }),
  };
}

export type RandomNumberOptions =
  | { readonly digits?: number; readonly random?: RandomBytes }
  | { readonly min: number; readonly max: number; readonly random?: RandomBytes };

/**
 * A generator of random decimal numbers of `digits` digits (default 8; 4 to 14), or from `min` to `max`.
 *
 * The first digit is never 0: clients send codes as JSON numbers, which have no leading zeros.
 */
export function randomNumber(options: RandomNumberOptions = {}): Generator {
  assertKnownKeys(options, ["digits", "min", "max", "random"], "randomNumber()");
  const { random: bytes = random } = options;
  assertFunction(bytes, "randomNumber({ random })", howToBeRandom);
  const [min, max] = rangeOf(options);
  return {
    bits: Math.log2(max - min + 1),
    generate: () => String(min + below(max - min + 1, bytes)),
    normalize: readDigits,
  };
}

const howToBeRandom = "pass a function that returns the given number of random bytes, or leave it out";

function rangeOf(options: RandomNumberOptions): [min: number, max: number] {
  const { digits, min, max } = options as { digits?: number; min?: number; max?: number };
  if (min !== undefined || max !== undefined) {
    if (digits !== undefined) {
      throw new UsageError("randomNumber() takes digits or a range. Leave out digits, or min and max.");
    }
    assertInteger(min, "randomNumber({ min })", 0, 2 ** 48 - 2);
    assertInteger(max, "randomNumber({ max })", min + 1, 2 ** 48 - 1);
    return [min, max];
  }
  const count = digits ?? 8;
  assertInteger(count, "randomNumber({ digits })", 4, 14);
  return [10 ** (count - 1), 10 ** count - 1];
}

/** A whole number from 0 to `limit - 1`, each equally likely: values past the last full multiple are drawn again. */
function below(limit: number, bytes: RandomBytes): number {
  if (limit === 1) return 0;
  const size = limit <= 256 ? 1 : 6;
  const space = 256 ** size;
  const fair = space - (space % limit);
  for (;;) {
    const value = bytes(size).reduce((sum, byte) => sum * 256 + byte, 0);
    if (value < fair) return value % limit;
  }
}

/** What people make of Crockford's base 32: lowercase letters, O for 0, I and L for 1, and what `readDigits` reads. */
function readCrockford(typed: string): string {
  return readDigits(typed).normalize("NFKC").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
}

/**
 * What people make of digits: those of their keyboard's script, and spaces, dashes, dots, and invisible marks between
 * them.
 *
 * Unicode keeps the digits of a script in one run from 0 to 9, so a digit's place in its run is its value.
 */
function readDigits(typed: string): string {
  return typed.replace(/[^\p{L}\p{N}]/gu, "").replace(/\p{Nd}/gu, (digit) => {
    const last = digit.codePointAt(0)!;
    let first = last;
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
    return String((last - first) % 10);
  });
}

/** What a generator returns. Throws a `TypeError` if it isn't a string, since no one could type it. */
export async function generateText(generator: Generator): Promise<string> {
  const text: unknown = await generator.generate();
  if (typeof text === "string" && text !== "") return text;
  throw new UsageError(
    "storedTokens({ generator }).generate must return a string. Return the code as a string, such as String(number).",
  );
}

/** What was typed, or generated, in the canonical form that is looked up: a generator may write groups. */
export function normalizeTyped(generator: Generator, typed: string): string {
  return generator.normalize?.(typed) ?? typed;
}
