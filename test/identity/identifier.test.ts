import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldIdentifier, isAddress, isPlainText, maskIdentifier } from "../../src/identity/identifier.js";

describe("an address that is sent to", () => {
  it.each([
    "ada@example.com",
    "a@b.co",
    "ada.lovelace+reset@mail.example.co.uk",
    "!#$%&'*+/=?^_`{|}~-@example.com",
    "пользователь@пример.рф",
    "josé@example.com",
    "दीपक@उदाहरण.भारत",
    "o'brien@example.ie",
    "1@2.com",
    "ada@xn--bcher-kva.example",
    `${"a".repeat(64)}@example.com`,
    `ada@${"a".repeat(63)}.com`,
  ])("is %s", (address) => expect(isAddress(address)).toBe(true));

  it.each([
    "",
    "ada",
    "@",
    "@example.com",
    "ada@",
    "ada@localhost",
    "ada@example",
    "ada@.com",
    "ada@example..com",
    "ada@example.com.",
    ".ada@example.com",
    "ada.@example.com",
    "a..da@example.com",
    "ada@-example.com",
    "ada@example-.com",
    "ada@exa_mple.com",
    "ada@[127.0.0.1]",
    "ada@127.0.0.1",
    "ada@0x7f.1",
    "ada@example.com ",
    " ada@example.com",
    "ada @example.com",
    "ada@exam ple.com",
    "ada@example.com\n",
    "ada@example.com\r\nBcc: eve@example.com",
    "ada\0@example.com",
    "ada@example.com,eve@example.com",
    "ada@example.com;eve@example.com",
    "ada@eve@example.com",
    '"ada"@example.com',
    '"ada@eve.com x"@example.com',
    "ada(comment)@example.com",
    "Ada <ada@example.com>",
    "<ada@example.com>",
    "group:ada@example.com;",
    "@route:ada@example.com",
    "ada@example.com>",
    "ada\\@example.com",
    "ada\u200b@example.com",
    "ada\u202e@example.com",
    "ada\u00ad@example.com",
    "ada\ufeff@example.com",
    "ａｄａ@example.com",
    "ada@ｅxample.com",
    "ada@example。com",
    "ada@exampleⅧ.com",
    "\u212aelvin@example.com",
    "ada@stra\u1e9ee.de",
    "\ud800@example.com",
    `${"a".repeat(65)}@example.com`,
    `ada@${"a".repeat(64)}.com`,
    `ada@${"a.".repeat(126)}com`,
  ])("is not %j", (address) => expect(isAddress(address)).toBe(false));

  it("is found, or not, in no time, whatever is sent (ten texts made to be slow)", () => {
    const parts = ["a", "a.", ".", "a-", "-", "@", "a@", "é", "a@a.", "\u{1F600}"];
    const before = performance.now();
    for (const part of parts) {
      for (const length of [254, 100_000]) isAddress(part.repeat(length).slice(0, length) + "!");
      isAddress(`a@${part.repeat(120)}`.slice(0, 253) + "!");
    }
    expect(performance.now() - before).toBeLessThan(500);
  });

  it("is never two addresses, a name or a header (5,000 texts)", () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab@.-,;:<>()[]" \\\r\n\0'), maxLength: 14 });
    fc.assert(
      fc.property(text, (given) => {
        if (!isAddress(given)) return;
        expect(given).toMatch(/^[ab-]+(\.[ab-]+)*@[ab-]+(\.[ab-]+)+$/);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("a user name or phone number", () => {
  it.each(["ada", "+43 660 1234567", "Ada Lovelace", "李小龙", "x".repeat(254), "a\u0301", "\u{1F600}"])(
    "may be %j",
    (text) => expect(isPlainText(text)).toBe(true),
  );

  it.each([
    "",
    "x".repeat(255),
    "a\nb",
    "a\0",
    "\t",
    "a\u007f",
    "a\u0085b",
    "a\u2028b",
    "a\u200bb",
    "a\u202eb",
    "a\ud800",
  ])("may not be %j", (text) => expect(isPlainText(text)).toBe(false));
});

describe("comparing identifiers", () => {
  const same = (a: string, b: string) => foldIdentifier(a) === foldIdentifier(b);

  it("ignores the case of ASCII letters, blanks around, and how accents are composed", () => {
    expect(same("Ada@Example.COM", "ada@example.com")).toBe(true);
    expect(same("  ada@example.com\n", "ada@example.com")).toBe(true);
    expect(same("jose\u0301@example.com", "jos\u00e9@example.com")).toBe(true);
    expect(foldIdentifier("ADA@EXAMPLE.COM")).toBe("ada@example.com");
  });

  it.each([
    ["\u212aelvin@example.com", "kelvin@example.com"],
    ["m\u0131ke@example.com", "mike@example.com"],
    ["M\u0130KE@example.com", "mike@example.com"],
    ["mi\u0307ke@example.com", "mike@example.com"],
    ["\u017fam@example.com", "sam@example.com"],
    ["stra\u00dfe@example.com", "strasse@example.com"],
    ["STRASSE@example.com", "stra\u00dfe@example.com"],
    ["resume@example.com", "r\u00e9sum\u00e9@example.com"],
    ["\u0430da@example.com", "ada@example.com"],
    ["\uff41da@example.com", "ada@example.com"],
    ["ada @example.com", "ada@example.com"],
    ["\u00c9va@example.com", "\u00e9va@example.com"],
  ])("does not take %s for %s", (a, b) => expect(same(a, b)).toBe(false));

  it("makes no ASCII letter out of any other character of Unicode (all of them)", () => {
    const wrong: string[] = [];
    for (let code = 0x80; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      if (/[a-z0-9@.]/.test(foldIdentifier(String.fromCodePoint(code)))) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });
});

describe("masking", () => {
  it.each([
    ["ada@example.com", "a•••@example.com"],
    ["a@b@example.com", "a•••@example.com"],
    ["\u{1F600}x@example.com", "\u{1F600}•••@example.com"],
    ["ada", "a•••"],
    ["@example.com", "@•••"],
    ["", "•••"],
  ])("shows %s as %s", (given, shown) => expect(maskIdentifier(given)).toBe(shown));
});
