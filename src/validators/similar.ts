import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import { en } from "../locales/en.js";
import type { Validator } from "../types.js";
import { maxAttributes, partsOf, usualAttributes } from "./shared/attributes.js";

export interface SimilarOptions<U> {
  /**
   * What a password must not be similar to, by the name that messages show. Default: `username`, `name`, first and last
   * name, and `email` of the account, and its identifiers.
   */
  readonly attributes?: (user: U) => Readonly<Record<string, unknown>>;
  /** From 0.1 (nearly everything is similar) to 1 (the same letters). Default: 0.7. */
  readonly threshold?: number;
}

/**
 * Rejects passwords that are similar to something else about their account, or to a part of it between punctuation: the
 * rule of Django's `UserAttributeSimilarityValidator`.
 *
 * Two texts are as similar as the share of letters that they have in common, in any order and without case. That's
 * quick, and never less than what a real comparison would find, so it may reject an anagram. Limits: only the first 20
 * attributes are read, and 254 characters and 20 parts of each.
 */
export function similar<U = any>(options: SimilarOptions<U> = {}): Validator<U> {
  assertKnownKeys(options, ["attributes", "threshold"], "similar");
  const { attributes = usualAttributes, threshold = 0.7 } = options;
  assertFunction(
    attributes,
    "similar's attributes",
    "pass a function such as (user) => ({ nickname: user.nick })",
  );
  if (!(threshold >= 0.1 && threshold <= 1)) {
    throw new UsageError(`similar's threshold is ${String(threshold)}. Use a number from 0.1 to 1.`);
  }

  return (password, { user, identifiers }) => {
    const typed = [...password.slice(0, maxPassword).toLowerCase()];
    const named = Object.entries(attributes(user) ?? {});
    const known = identifiers.map((one): [string, unknown] => [
      one.includes("@") ? "email" : "username",
      one,
    ]);
    for (const [attribute, value] of [...named, ...known].slice(0, maxAttributes)) {
      const isSimilar = partsOf(value).some((part) => isLike(typed, [...part], threshold));
      if (!isSimilar) continue;
      return { code: "too_similar", params: { attribute }, message: en.problems.too_similar({ attribute }) };
    }
    return null;
  };
}

const maxPassword = 1_024;

/**
 * Whether twice the number of letters in common is `threshold` of all letters or more; an upper bound of what the
 * pattern matching of Ratcliff and Obershelp finds. If lengths differ too much, nothing is counted, so the work is
 * linear in the longer text, whatever it contains.
 */
function isLike(a: readonly string[], b: readonly string[], threshold: number): boolean {
  const enough = threshold * (a.length + b.length);
  if (2 * Math.min(a.length, b.length) < enough) return false;
  const left = new Map<string, number>();
  for (const letter of a) left.set(letter, (left.get(letter) ?? 0) + 1);
  let inCommon = 0;
  for (const letter of b) {
    const count = left.get(letter) ?? 0;
    if (count > 0) inCommon++;
    left.set(letter, count - 1);
  }
  return 2 * inCommon >= enough;
}
