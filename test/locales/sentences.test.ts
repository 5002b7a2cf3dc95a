import { readdirSync } from "node:fs";
import { parse } from "node-html-parser";
import { describe, expect, it } from "vitest";
import { byEmail } from "../../src/delivery/email.js";
import type { Mail } from "../../src/delivery/mail.js";
import { de as adminDe } from "../../src/locales/admin/de.js";
import { en as adminEn } from "../../src/locales/admin/en.js";
import { en, type Sentences } from "../../src/locales/en.js";
import { createLanguages } from "../../src/locales/lookup.js";
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
import { languages } from "./languages.js";

/** Of the pages for administrators. */
const forAdmins = [adminEn, adminDe];
const { pick } = createLanguages(languages, "the test");

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
function sentencesOf({ units: _, direction: __, ...language }: Sentences): [string, string][] {
  return leavesOf(language);
}

function leavesOf(value: unknown, path = ""): [string, string][] {
  if (typeof value === "function") return [[path, String((value as (given: unknown) => unknown)(sample))]];
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value as object).flatMap(([key, one]) => leavesOf(one, `${path}.${key}`));
}

describe.each(forAdmins)("$tag, for administrators", (language) => {
  it("says all that English says, and nothing empty", () => {
    expect(leavesOf(language).map(([path]) => path)).toEqual(leavesOf(adminEn).map(([path]) => path));
    for (const [path, sentence] of leavesOf(language)) {
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
    expect(pick(tag)).toBe(language);
    expect(pick(tag.toUpperCase())).toBe(language);
    expect(pick(`${tag}-XX`)).toBe(language);
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
      await byEmail<Person>({ transport, from, support, locales: languages, clock: () => now })(message);
      const { subject, text, html } = mails[0]!;
      const page = parse(html!);
      const hrefs = page.querySelectorAll("[href], [src], [action]").map((one) => one.getAttribute("href"));
      expect(new Set(hrefs)).toEqual(new Set([...links, `mailto:${support}`]));
      expect(text.split("\n").filter((line) => line.includes("://"))).toEqual(links);
      expect(subject).toContain("Example");
      expect(page.querySelector("title")?.text).toBe(subject);
      expect(page.querySelector("html")?.getAttribute("lang")).toBe(tag);
      expect(page.querySelector("html")?.getAttribute("dir")).toBe(language.direction);
      expect(page.querySelector("table")?.getAttribute("dir")).toBe(language.direction);
      const code = page.querySelector(".box");
      if (code) expect(code.getAttribute("dir")).toBe(language.direction && "ltr");
      // The HTML says what the text says, word for word, but for how it leads to the link.
      const shown = page.querySelector("body")!.structuredText.replace(/\s+/g, " ");
      for (const paragraph of text.split("\n\n").filter((one) => one !== language.email.openLink)) {
        for (const piece of paragraph.trim().split(/\n|: /)) {
          expect(shown).toContain(piece.replace(/\s+/g, " "));
        }
      }
      for (const part of [subject, text, html]) expect(part).not.toMatch(/undefined|\[object|NaN|\$\{/);
    },
  );
});

describe("the languages together", () => {
  it("are all that there is a file for, and none that is another one's text", () => {
    const texts = languages.map(({ pages }) => pages.over.text);
    expect(new Set(texts).size).toBe(12);
    const files = readdirSync(new URL("../../src/locales", import.meta.url));
    const tags = files.map((file) => file.replace(".ts", "")).filter((name) => /^[a-z]{2}(-|$)/.test(name));
    const helpers = ["in-words"];
    expect(tags.filter((tag) => !helpers.includes(tag)).sort()).toEqual(
      languages.map(({ tag }) => tag.toLowerCase()).sort(),
    );
  });

  it("count in their own plurals", () => {
    const pl = pick("pl").problems;
    expect(pick("en").problems.too_short({ min: 1 })).toBe("Use at least 1 character.");
    expect(pl.too_short({ min: 1 })).toBe("Użyj co najmniej 1 znaku.");
    expect(pl.too_short({ min: 8 })).toBe("Użyj co najmniej 8 znaków.");
    expect([1, 2, 8, 12].map((min) => pick("pl").pages.choose.rule({ min }))).toEqual([
      "Co najmniej 1 znak.",
      "Co najmniej 2 znaki.",
      "Co najmniej 8 znaków.",
      "Co najmniej 12 znaków.",
    ]);
    expect([1, 2, 8, 12, 100].map((min) => pick("ar").pages.choose.rule({ min }))).toEqual([
      "ما لا يقل عن حرف واحد.",
      "ما لا يقل عن حرفين.",
      "ما لا يقل عن 8 أحرف.",
      "ما لا يقل عن 12 حرفًا.",
      "ما لا يقل عن 100 حرف.",
    ]);
  });
});

describe("pickSentences", () => {
  it.each([undefined, "", "xx", "EN-us", "e", "constructor", "__proto__", "en\r\n", "x".repeat(1e6)])(
    "speaks English for what is no tag of a language it has: %#",
    (tag) => {
      expect(pickSentences(tag)).toBe(en);
    },
  );
});
