import { UsageError } from "../check-options.js";
import { en, type Sentences } from "./en.js";
import { builtIn, pickSentences } from "./pick.js";

/** The languages that pages, emails or an API have, and which of them a reader gets. */
export interface Languages {
  /** The sentences for a language tag such as `de-AT`; English if there are none. */
  pick(tag: string | undefined): Sentences;
  /** Of the tags that a reader likes, best first, the first one that there is a language for; else the best. */
  prefer(tags: readonly string[]): string | undefined;
  /** What a response must say in `Vary`. */
  readonly vary?: "Accept-Language";
}

const builtInOnly: Languages = { pick: pickSentences, prefer: ([best]) => best };

/** Throws a `TypeError` for what isn't a language, and lists the sentences that one lacks. */
export function createLanguages(locales: readonly Sentences[] | undefined, caller: string): Languages {
  if (locales === undefined) return builtInOnly;
  if (!Array.isArray(locales)) {
    throw new UsageError(
      `${caller} has locales that aren't an array. Pass languages, such as locales: [fr], and import fr from "resetkit/locales/fr".`,
    );
  }
  const byTag = new Map<string, Sentences>();
  const byScript = new Map<string, Sentences>();
  for (const sentences of [...locales, ...builtIn]) {
    checkLanguage(sentences, caller);
    const tag = sentences.tag.toLowerCase();
    const script = scriptOf(tag);
    if (!byTag.has(tag)) byTag.set(tag, sentences);
    if (script && !byScript.has(script)) byScript.set(script, sentences);
  }

  // RFC 4647 §3.4: a tag is shortened from its end, and a single letter goes together with what follows it.
  const find = (tag: string): Sentences | undefined => {
    const written = tag.slice(0, maxTag).replaceAll("_", "-").toLowerCase();
    let range = written;
    while (range !== "") {
      const found = byTag.get(range);
      if (found) return found;
      range = range.replace(/(?:-[^-])?-?[^-]*$/, "");
    }
    // Beyond the RFC: zh-CN finds zh-Hans, and pt finds pt-BR, but zh-TW, in other characters, doesn't find zh-Hans.
    const script = scriptOf(written);
    return script === undefined ? undefined : byScript.get(script);
  };

  return {
    pick: (tag) => (tag === undefined ? undefined : find(tag)) ?? find("en") ?? en,
    prefer: (tags) => tags.find((tag) => find(tag)) ?? tags[0],
    vary: "Accept-Language",
  };
}

/** RFC 5646 §4.4.1: room for 35 characters is enough for every tag in use. */
const maxTag = 64;

/** Language and script, such as `zh-Hans`, also if the tag leaves the script to be known. */
function scriptOf(tag: string): string | undefined {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    return `${language}-${script}`;
  } catch {
    return undefined;
  }
}

function checkLanguage(given: unknown, caller: string): void {
  const { tag } = (given ?? {}) as Partial<Sentences>;
  if (typeof tag !== "string" || scriptOf(tag) === undefined) {
    throw new UsageError(
      `${caller} has a language in locales whose tag is ${JSON.stringify(tag)}. Set it to a language tag, such as "fr" or "pt-BR".`,
    );
  }
  const missing = missingIn(given, en, "");
  if (missing.length === 0) return;
  throw new UsageError(
    `The language "${tag}" in locales of ${caller} lacks ${missing.join(", ")}. Add them, or start from { ...en }.`,
  );
}

/** Paths of the sentences that English has, and another language hasn't or has in another form. */
function missingIn(given: unknown, model: object, path: string): string[] {
  return Object.entries(model).flatMap(([key, value]: [string, unknown]) => {
    const own = (given as Record<string, unknown> | undefined)?.[key];
    if (typeof value === "object" && value !== null) return missingIn(own ?? {}, value, `${path}${key}.`);
    return typeof own === typeof value ? [] : [`${path}${key}`];
  });
}
