import { expect, it } from "vitest";
import { inWords } from "../../src/locales/in-words.js";

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
  expect(inWords(seconds, "en")).toBe(words);
});

it("rounds down for lifetimes", () => {
  expect(inWords(3_599, "en", Math.floor)).toBe("59 minutes");
  expect(inWords(86_399, "en", Math.floor)).toBe("23 hours");
});

it("speaks other languages", () => {
  expect(inWords(86_400, "de")).toBe("24 Stunden");
});
