import { assertInteger, assertKnownKeys, UsageError } from "../check-options.js";
import { en } from "../locales/en.js";
import type { Validator } from "../types.js";
import { maxAttributes, partsOf, usualAttributes } from "./shared/attributes.js";

export interface StrengthOptions<U> {
  /**
   * The lowest score that is accepted, from 1 to 4: 2 resists guessing over the network, 3 and 4 resist guessing
   * against a leaked password hash.
   *
   * @default 3
   */
  readonly min?: 1 | 2 | 3 | 4;
  /** More words that attackers try first, such as the name of your app, or a function of the account. Default: none. */
  readonly words?: readonly string[] | ((user: U) => readonly string[]);
  /**
   * Language packages of zxcvbn-ts whose words count as well, such as `@zxcvbn-ts/language-de`. Default: English only.
   */
  readonly languages?: readonly LanguagePackage[];
}

/** The part that's used of a package such as `@zxcvbn-ts/language-de`. */
export interface LanguagePackage {
  /** Lists of words, most common first. */
  readonly dictionary: Readonly<Record<string, unknown>>;
}

/**
 * Rejects passwords that are easy to guess, as [zxcvbn-ts](https://github.com/zxcvbn-ts/zxcvbn) estimates it from words,
 * names, dates, keyboard patterns, and what the account says about its user.
 *
 * Needs three packages in addition to resetkit: `npm install @zxcvbn-ts/core @zxcvbn-ts/language-common
 * @zxcvbn-ts/language-en`. They're loaded on first use, which takes up to a second and about 70 MB of memory. Of a
 * longer password, the first 64 characters are rated: the estimate's cost grows faster than the password, and it can't
 * be interrupted.
 *
 * @throws {TypeError} At construction, if an option is invalid or a package isn't installed.
 * @example
 * ```ts
 * const validators = [length({ min: 8 }), strength({ min: 3, words: ["acme"] })];
 * ```
 */
export function strength<U = any>(options: StrengthOptions<U> = {}): Validator<U> {
  assertKnownKeys(options, ["min", "words", "languages"], "strength");
  const { min = 3, words = [], languages = [] } = options;
  assertInteger(min, "strength({ min })", 1, 4);
  if (typeof words !== "function") checkWords(words);
  checkLanguages(languages);
  assertInstalled();
  let estimator: Promise<Estimator> | undefined;

  return async (password, { user, identifiers }) => {
    estimator ??= load(languages);
    const { check } = await estimator.catch((error: unknown) => {
      // A file that couldn't be read once may be readable next time.
      estimator = undefined;
      throw error;
    });
    const own = typeof words === "function" ? checkWords(words(user)) : words;
    const known = [...Object.values(usualAttributes(user)), ...identifiers].slice(0, maxAttributes);
    const { score } = check(password.slice(0, maxRated), [...own, ...known].flatMap(partsOf));
    return score >= min ? null : { code: "too_weak", message: en.problems.too_weak() };
  };
}

/** UTF-16 units. Within it, the slowest passwords found take 60 ms; a full 1,024 bytes would take seconds. */
const maxRated = 64;

/**
 * How many ways to undo substitutions such as "4" for "a" are tried. The package's default of 100 makes a random
 * password of 32 characters take 300 ms, and found nothing more in the passwords of the tests.
 */
const maxSubstitutions = 4;

interface Estimator {
  check(password: string, words: string[]): { readonly score: number };
}

async function load(languages: readonly LanguagePackage[]): Promise<Estimator> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
    import("@zxcvbn-ts/language-en"),
  ]).catch((error: unknown) => {
    throw isMissing(error) ? new UsageError(howToInstall, { cause: error }) : error;
  });
  const dictionaries = [common, english, ...languages].map(({ dictionary }) => dictionary);
  const zxcvbn = new ZxcvbnFactory({
    dictionary: Object.assign({}, ...dictionaries) as typeof common.dictionary,
    graphs: common.adjacencyGraphs,
    l33tMaxSubstitutions: maxSubstitutions,
  });
  return { check: (password, words) => zxcvbn.check(password, words) };
}

const packages = ["@zxcvbn-ts/core", "@zxcvbn-ts/language-common", "@zxcvbn-ts/language-en"];
const howToInstall = `strength() needs packages that aren't installed. Run: npm install ${packages.join(" ")}`;

/**
 * Throws if a package can't be found, if the runtime can tell without loading it. In a bundle the packages are part of
 * the bundle, and there's nothing to look for.
 */
function assertInstalled(): void {
  const here = import.meta as { url?: string; resolve?: (name: string) => unknown };
  if (!here.url?.endsWith("/validators/strength.js") || typeof here.resolve !== "function") return;
  try {
    for (const name of packages) here.resolve(name);
  } catch (error) {
    if (isMissing(error)) throw new UsageError(howToInstall, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
}

function checkWords(words: unknown): readonly string[] {
  if (Array.isArray(words) && words.every((word) => typeof word === "string"))
    return words.slice(0, maxWords);
  throw new UsageError(
    'strength({ words }) must be an array of strings, or a function that returns one. Use ["acme"].',
  );
}

const maxWords = 100;

function checkLanguages(languages: unknown): void {
  const isPackage = (one: unknown) =>
    typeof (one as Partial<LanguagePackage> | null)?.dictionary === "object";
  if (Array.isArray(languages) && languages.every(isPackage)) return;
  throw new UsageError(
    'strength({ languages }) must be an array of language packages. Use [german], with: import * as german from "@zxcvbn-ts/language-de"',
  );
}
