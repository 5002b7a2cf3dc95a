import { de } from "./de.js";
import { en, type Sentences } from "./en.js";

/** The languages that are always there. */
export const builtIn: readonly Sentences[] = [en, de];

const languages: Readonly<Record<string, Sentences>> = { de, en };

/** The sentences for a language tag such as `de-AT`; English where there are none. */
export function pickSentences(tag: string | undefined): Sentences {
  const language = tag?.slice(0, 8).toLowerCase().split("-")[0] ?? "en";
  return (Object.hasOwn(languages, language) && languages[language]) || en;
}
