import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/check-options.js";
import { ar } from "../../src/locales/ar.js";
import { de } from "../../src/locales/de.js";
import { en, type Sentences } from "../../src/locales/en.js";
import { fr } from "../../src/locales/fr.js";
import { createLanguages } from "../../src/locales/lookup.js";
import { ptBR } from "../../src/locales/pt-br.js";
import { zhHans } from "../../src/locales/zh-hans.js";

const languages = createLanguages([fr, ptBR, zhHans, ar], "the test");

describe("the language for a tag", () => {
  it.each([
    ["fr", "fr"],
    ["FR", "fr"],
    ["fr-CA", "fr"],
    ["fr_CA", "fr"],
    ["fr-Latn-CA-x-someone", "fr"],
    ["pt-BR", "pt-BR"],
    ["pt", "pt-BR"],
    ["pt-PT", "pt-BR"],
    ["zh", "zh-Hans"],
    ["zh-CN", "zh-Hans"],
    ["zh-SG", "zh-Hans"],
    ["zh-Hans-HK", "zh-Hans"],
    ["ar-EG", "ar"],
    ["de-AT", "de"],
    ["en-GB", "en"],
  ])("%s is %s (RFC 4647, lookup)", (tag, found) => {
    expect(languages.pick(tag).tag).toBe(found);
  });

  it.each([
    undefined,
    "",
    "-",
    "ja",
    "zh-TW",
    "zh-Hant",
    "frx",
    "x-fr",
    "constructor",
    "fr\r\n".repeat(9),
    "a-".repeat(1e6),
  ])("is English if there is none: %#", (tag) => {
    expect(languages.pick(tag)).toBe(en);
  });

  it("prefers an exact match to one in the same script, in any order", () => {
    const british: Sentences = { ...en, tag: "en-GB" };
    const { pick } = createLanguages([british], "the test");
    expect(pick("en-GB")).toBe(british);
    expect(pick("en-US")).toBe(en);
    expect(pick("en")).toBe(en);
  });

  it("is your own object in place of a language that is there", () => {
    const own: Sentences = { ...de, email: { ...de.email, support: "Noch Fragen?" } };
    expect(createLanguages([own], "the test").pick("de-CH")).toBe(own);
  });
});

describe("the preferred tag", () => {
  it("is the first that there is a language for, else the first", () => {
    expect(languages.prefer(["ja", "fr-CA", "ar"])).toBe("fr-CA");
    expect(languages.prefer(["ja", "ko"])).toBe("ja");
    expect(languages.prefer([])).toBe(undefined);
  });

  it("is just the first without locales, and responses don't vary", () => {
    const { prefer, vary } = createLanguages(undefined, "the test");
    expect(prefer(["ja", "de"])).toBe("ja");
    expect(vary).toBe(undefined);
    expect(languages.vary).toBe("Accept-Language");
  });
});

describe("mistakes", () => {
  it.each([
    ["fr", /locales that aren't an array.*import fr from "resetkit\/locales\/fr"/],
    [["fr"], /tag is undefined/],
    [[{ ...en, tag: "not a tag" }], /tag is "not a tag"/],
    [[null], /tag is undefined/],
    [
      [{ ...en, tag: "eo", email: { ...en.email, greeting: "Hi" }, pages: undefined }],
      /lacks email\.greeting, pages\.error, /,
    ],
  ])("are named with what is missing: %#", (locales, message) => {
    const create = () => createLanguages(locales as never, "byEmail()");
    expect(create).toThrow(UsageError);
    expect(create).toThrow(message);
  });

  it("are found by the compiler", () => {
    // @ts-expect-error -- `pages` is missing.
    const own: Sentences = { tag: "eo", api: en.api, problems: en.problems, email: en.email };
    expect(own.tag).toBe("eo");
  });
});
