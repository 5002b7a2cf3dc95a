import { expect, it } from "vitest";
import { ar } from "../../src/locales/ar.js";
import { de } from "../../src/locales/de.js";
import { en } from "../../src/locales/en.js";
import { inWords } from "../../src/locales/in-words.js";
import { ja } from "../../src/locales/ja.js";
import { pl } from "../../src/locales/pl.js";

it.each([
  [1, "1 second"],
  [59.2, "60 seconds"],
  [60, "1 minute"],
  [61, "2 minutes"],
  [3_600, "60 minutes"],
  [7_199, "120 minutes"],
  [7_200, "2 hours"],
  [86_399.5, "24 hours"],
  [259_200, "3 days"],
])("a wait of %s seconds is %s", (seconds, words) => {
  expect(inWords(seconds, en)).toBe(words);
});

it("rounds down for lifetimes", () => {
  expect(inWords(3_599, en, Math.floor)).toBe("59 minutes");
  expect(inWords(86_399, en, Math.floor)).toBe("23 hours");
});

it.each([
  [de, 86_400, "24 Stunden"],
  [pl, 60, "1 minutę"],
  [pl, 120, "2 minuty"],
  [pl, 300, "5 minut"],
  [pl, 22 * 60, "22 minuty"],
  [ar, 60, "دقيقة واحدة"],
  [ar, 120, "دقيقتين"],
  [ar, 300, "5 دقائق"],
  [ar, 86_400, "24 ساعة"],
  [ja, 86_400, "24時間"],
])("%#: each language has its own words and plurals", (language, seconds, words) => {
  expect(inWords(seconds, language)).toBe(words);
});
