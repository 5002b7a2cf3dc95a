import { expect, it } from "vitest";
import { plural } from "../../src/locales/plural.js";

it("picks the form that the language's grammar asks for", () => {
  const files = plural("pl", { one: "# plik", few: "# pliki", many: "# plików", other: "# pliku" });
  expect([0, 1, 2, 5, 12, 22, 1.5].map(files)).toEqual([
    "0 plików",
    "1 plik",
    "2 pliki",
    "5 plików",
    "12 plików",
    "22 pliki",
    "1.5 pliku",
  ]);
});

it("uses other for a category without a form, and for languages that it knows nothing of", () => {
  expect(plural("fr", { one: "# octet", other: "# octets" })(2_000_000)).toBe("2000000 octets");
  expect(plural("cs", { one: "# znak", few: "# znaky", other: "# znaků" })(3)).toBe("3 znaky");
});

it("is typed: the compiler finds a missing form, and one that the language doesn't have", () => {
  // @ts-expect-error -- Polish has `few` and `many`.
  plural("pl", { one: "# plik", other: "# pliku" });
  // @ts-expect-error -- Japanese has one form for all numbers.
  plural("ja", { one: "#", other: "#" });
  // @ts-expect-error -- every language has `other`.
  plural("cs", { one: "# znak" });
});
