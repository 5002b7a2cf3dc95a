import { assertKnownKeys, UsageError } from "../check-options.js";
import { en } from "../locales/en.js";
import type { Validator } from "../types.js";

/** No common password is longer. */
const maxLength = 64;

export interface CommonOptions {
  /** More words to reject, such as the name of the application (OWASP ASVS V6.2.11). Default: none. */
  readonly also?: Iterable<string>;
}

/**
 * Rejects the passwords that attackers try first: some 20,000, compared as a whole and case-insensitively, as Django
 * does (NIST SP 800-63B §3.1.1.2, OWASP ASVS V6.2.4).
 *
 * The list (70 kB) is loaded on first use. Limits: a common password with a digit at its end isn't on the list, and a
 * password that was breached once isn't necessarily common.
 */
export function common(options: CommonOptions = {}): Validator {
  assertKnownKeys(options, ["also"], "common");
  const also = new Set(Array.from(checkWords(options.also ?? []), fold));

  return async (password) => {
    if (password.length > maxLength) return null;
    const word = fold(password);
    const isCommon = also.has(word) || (await commonPasswords()).has(word);
    return isCommon ? { code: "too_common", message: en.problems.too_common() } : null;
  };
}

function fold(word: string): string {
  return word.trim().toLowerCase();
}

function checkWords(words: Iterable<string>): string[] {
  const list = typeof words === "string" ? [] : [...words];
  if (typeof words !== "string" && list.every((word) => typeof word === "string" && word.length <= maxLength))
    return list;
  throw new UsageError(
    `common's also must be an array of words. Use strings of at most ${maxLength} characters, such as ["acme"].`,
  );
}

let loaded: ReadonlySet<string> | undefined;

async function commonPasswords(): Promise<ReadonlySet<string>> {
  if (loaded) return loaded;
  const { packed } = await import("./common/passwords.js");
  return (loaded ??= unpack(packed));
}

/** Undoes the front-coding that the file's head describes. */
function unpack(packed: string): ReadonlySet<string> {
  const words = new Set<string>();
  let word = "";
  for (const [, shared = "", rest = ""] of packed.replaceAll("\n", "").matchAll(/([A-Z])([^A-Z]*)/g)) {
    word = word.slice(0, shared.charCodeAt(0) - 65) + rest;
    words.add(word);
  }
  return words;
}
