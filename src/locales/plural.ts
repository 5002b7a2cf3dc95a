/** The plural categories that whole numbers below a million have (CLDR). Other languages need `other` only. */
interface Categories {
  ar: "zero" | "one" | "two" | "few" | "many" | "other";
  de: "one" | "other";
  en: "one" | "other";
  es: "one" | "other";
  fr: "one" | "other";
  it: "one" | "other";
  ja: "other";
  nl: "one" | "other";
  pl: "one" | "few" | "many" | "other";
  "pt-BR": "one" | "other";
  tr: "one" | "other";
  "zh-Hans": "other";
}

/** The forms of one sentence by plural category. `#` stands for the number. */
export type PluralForms<T extends string> = T extends keyof Categories
  ? Readonly<Record<Categories[T], string>>
  : Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/**
 * Makes a function that puts a number into the form of a sentence that its language's grammar asks for.
 *
 * A category without a form uses `other`. For the languages that resetkit has, the compiler finds a missing form.
 *
 * @param tag - The language whose plural rules apply, such as `"pl"`.
 * @example
 * ```ts
 * const atLeast = plural("en", { one: "Use at least # character.", other: "Use at least # characters." });
 * atLeast(8); // "Use at least 8 characters."
 * ```
 */
export function plural<T extends string>(tag: T, forms: PluralForms<T>): (count: number) => string {
  let rules: Intl.PluralRules | undefined;
  const known = forms as Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
  return (count) => {
    rules ??= new Intl.PluralRules(tag);
    return (known[rules.select(count)] ?? known.other).replace("#", () => String(count));
  };
}
