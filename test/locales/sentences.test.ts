import { parse } from "node-html-parser";
import { describe, expect, it } from "vitest";
import { byEmail } from "../../src/delivery/email.js";
import type { Mail } from "../../src/delivery/mail.js";
import { de } from "../../src/locales/de.js";
import { en } from "../../src/locales/en.js";
import { de as adminDe } from "../../src/locales/admin/de.js";
import { en as adminEn } from "../../src/locales/admin/en.js";
import { pickSentences } from "../../src/locales/pick.js";
import type { Message } from "../../src/types.js";
import {
  changedMessage,
  link,
  now,
  type Person,
  resetMessage,
  unknownMessage,
} from "../delivery/messages.js";

const languages = [en, de];
/** Of the pages for administrators. */
const forAdmins = [adminEn, adminDe];

/** Stands for every parameter at once: an object with all the names, and a text where a text is asked for. */
const sample = {
  app: "«app»",
  time: "«time»",
  min: "«min»",
  max: "«max»",
  attribute: "«attribute»",
  toString: () => "«text»",
};

/** Every sentence by its path, made with the sample. */
function sentencesOf(value: unknown, path = ""): [string, string][] {
  if (typeof value === "function") return [[path, String((value as (given: unknown) => unknown)(sample))]];
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value as object).flatMap(([key, one]) => sentencesOf(one, `${path}.${key}`));
}

describe.each(forAdmins)("$tag, for administrators", (language) => {
  it("says all that English says, and nothing empty", () => {
    expect(sentencesOf(language).map(([path]) => path)).toEqual(sentencesOf(adminEn).map(([path]) => path));
    for (const [path, sentence] of sentencesOf(language)) {
      expect(sentence, path).not.toMatch(/^$|^\s|\s$|\s\s|\[object/);
    }
  });
});

const marks = (sentence: string) => [...new Set(sentence.match(/«\w+»/g))].sort();

describe.each(languages.map((language) => [language.tag, language] as const))("%s", (tag, language) => {
  it("says all that English says, with the same facts in it", () => {
    const english = sentencesOf(en);
    const own = sentencesOf(language);
    expect(own.map(([path]) => path)).toEqual(english.map(([path]) => path));
    expect(own.map(([path, sentence]) => [path, marks(sentence)])).toEqual(
      english.map(([path, sentence]) => [path, marks(sentence)]),
    );
  });

  it("says nothing empty, undefined, or with blanks to spare", () => {
    for (const [path, sentence] of sentencesOf(language)) {
      expect(sentence, path).not.toMatch(/^$|^\s|\s$|\s\s|undefined|\[object/);
    }
  });

  it("is what its tag picks", () => {
    expect(pickSentences(tag)).toBe(language);
    expect(pickSentences(tag.toUpperCase())).toBe(language);
    expect(pickSentences(`${tag}-Latn-XX`)).toBe(language);
  });

  const messages: [string, Message<Person>, string[]][] = [
    ["reset", resetMessage({ locale: tag }), [link]],
    ["reset with a code", resetMessage({ locale: tag, code: "48217730" }), [link]],
    ["invitation", resetMessage({ locale: tag, template: "invitation" }), [link]],
    ["changed", changedMessage({ locale: tag }), []],
    ["unknown", unknownMessage({ locale: tag }), []],
  ];

  it.each(messages)(
    "writes a readable %s mail with no other link than its own",
    async (_, message, links) => {
      const mails: Mail[] = [];
      const transport = { sendMail: (mail: Mail) => void mails.push(mail) };
      const from = "Example <no-reply@example.com>";
      const support = "help@example.com";
      await byEmail<Person>({ transport, from, support, clock: () => now })(message);
      const { subject, text, html } = mails[0]!;
      const page = parse(html!);
      const hrefs = page.querySelectorAll("[href], [src], [action]").map((one) => one.getAttribute("href"));
      expect(new Set(hrefs)).toEqual(new Set([...links, `mailto:${support}`]));
      expect(text.split("\n").filter((line) => line.includes("://"))).toEqual(links);
      expect(subject).toContain("Example");
      expect(page.querySelector("title")?.text).toBe(subject);
      expect(page.querySelector("html")?.getAttribute("lang")).toBe(tag);
      // The HTML says what the text says, word for word, but for how it leads to the link.
      const shown = page.querySelector("body")!.structuredText.replace(/\s+/g, " ");
      for (const paragraph of text.split("\n\n").filter((one) => one !== pickSentences(tag).email.openLink)) {
        for (const piece of paragraph.trim().split(/\n|: /)) expect(shown).toContain(piece);
      }
      for (const part of [subject, text, html]) expect(part).not.toMatch(/undefined|\[object|NaN|\$\{/);
    },
  );
});

describe("pickSentences", () => {
  it.each([undefined, "", "xx", "EN-us", "e", "constructor", "__proto__", "en\r\n", "x".repeat(1e6)])(
    "speaks English for what is no tag of a language it has: %#",
    (tag) => {
      expect(pickSentences(tag)).toBe(en);
    },
  );
});
