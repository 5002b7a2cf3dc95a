import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { domainToASCII, domainToUnicode } from "node:url";
import {
  foldIdentifier,
  hasInvisible,
  isAddress,
  isPlainText,
  maskIdentifier,
} from "../../src/identity/identifier.js";
import { spellingsOf } from "../../src/identity/idna.js";

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
    // The DNS doesn't see the part before the @, so nothing maps its letters.
    "ﬁn@example.com",
    "mª@example.com",
    "x²@example.com",
  ])("is %s", (address) => expect(isAddress(address)).toBe(true));

  it.each([
    "",
    "ada",
    "@",
    "@example.com",
    "ada@",
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

  it("is one at localhost outside production, where servers of one's own are", () => {
    for (const address of ["ada@localhost", "no-reply@localhost"]) expect(isAddress(address)).toBe(true);
    for (const address of [
      "@localhost",
      "ada@@localhost",
      "a b@localhost",
      "ada@localhost.",
      "ada@my-localhost",
    ])
      expect(isAddress(address)).toBe(false);
    vi.stubEnv("NODE_ENV", "production");
    expect(isAddress("ada@localhost")).toBe(false);
    vi.unstubAllEnvs();
  });

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

describe("the length of an email address", () => {
  it("is at most 254 characters, and 64 before the @", () => {
    const ofLength = (length: number) => `ada@${"a.".repeat(200)}`.slice(0, length - 4) + ".com";
    for (const length of [252, 254]) {
      const address = ofLength(length).replace("..", ".a");
      expect(address).toHaveLength(length);
      expect(isAddress(address)).toBe(true);
      expect(isAddress(`${address}mm`)).toBe(length === 252);
    }
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
    ..."\u200f\u202a\u2060\u2066\u2069\ufeff\u2029",
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
    ["\u212aelvin@example.com", "elvin@example.com"],
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
      const folded = foldIdentifier(String.fromCodePoint(code));
      // Nor a letter that becomes an ASCII one if it's folded again: the Kelvin sign did, as a capital K.
      if (/[a-zA-Z0-9@.]/.test(folded) || foldIdentifier(folded) !== folded) wrong.push(code.toString(16));
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

describe("a domain outside ASCII", () => {
  it.each([
    ["info@müller.example", "info@xn--mller-kva.example"],
    ["info@MÜLLER.example", "info@müller.example"],
    ["INFO@xn--MLLER-KVA.example", "info@müller.example"],
    ["a@münchen.bücher.example", "a@xn--mnchen-3ya.xn--bcher-kva.example"],
    ["a@почта.рф", "a@xn--80a1acny.xn--p1ai"],
    // In a URL, these characters would end the host or begin a path.
    ["a/b@müller.example", "a/b@xn--mller-kva.example"],
    ["a?b#c@müller.example", "a?b#c@xn--mller-kva.example"],
  ])("is one in both its spellings: %s, %s", (one, other) => {
    expect(foldIdentifier(one)).toBe(foldIdentifier(other));
  });

  it.each([
    ["info@straße.example", "info@strasse.example"],
    ["info@examp\u017fe.com", "info@exampse.com"],
    ["info@\u212aelvin.example", "info@kelvin.example"],
    ["info@ｅxample.com", "info@example.com"],
    ["info@exampleⅧ.com", "info@exampleviii.com"],
    ["info@exa\u00admple.com", "info@example.com"],
    ["müller@example.com", "muller@example.com"],
  ])("doesn't make look-alikes the same: %j, %j", (one, other) => {
    expect(foldIdentifier(one)).not.toBe(foldIdentifier(other));
  });

  it("is stored in one of few spellings, each of which is looked for", () => {
    const both = ["info@xn--mller-kva.example", "info@müller.example"];
    expect(spellingsOf(both[0]!)).toEqual(both);
    expect(spellingsOf(both[1]!)).toEqual([both[1], both[0]]);
    expect(spellingsOf("info@MÜLLER.example")).toEqual(["info@MÜLLER.example", ...both]);
    for (const one of [
      "ada",
      "ada@example.com",
      "a@xn--.example",
      "a@xn--a.example",
      "a@xn--99999999.example",
    ])
      expect(spellingsOf(one)).toEqual([one]);
  });

  it.each([
    ["an ASCII domain in capitals", " Ada@EXAMPLE.com"],
    ["a label that has xn-- further on", "ada@Foxn--mller-kva.example"],
    ["a user name that looks like a domain", "XN--MLLER-KVA.example"],
  ])("is needed for more than one spelling: %s has one, as it was typed", (_, identifier) => {
    expect(spellingsOf(identifier)).toEqual([identifier]);
  });

  it("is turned back as Node does it", () => {
    const domains = [
      "почта.рф",
      "例え.テスト",
      "उदाहरण.भारत",
      "ñandú.es",
      "bücher.example",
      "ليهمابتكلموشعربي.example",
    ];
    for (const domain of domains) expect(spellingsOf(`a@${domainToASCII(domain)}`)[1]).toBe(`a@${domain}`);
  });

  it("is turned back as Node does it, in twelve scripts, with and without ASCII (2,000 labels)", () => {
    const firsts = [0xe0, 0x101, 0x3b1, 0x430, 0x561, 0x5d0, 0x915, 0xe01, 0x3042, 0x4e00, 0xac00, 0x20000];
    let draws = 7;
    const draw = (below: number) => (draws = (draws * 48_271) % 0x7fffffff) % below;
    const letter = () => String.fromCodePoint(firsts[draw(firsts.length)]! + draw(16));
    const label = () =>
      Array.from({ length: 1 + draw(10) }, () => (draw(3) === 0 ? "a-0z"[draw(4)] : letter())).join("");
    let count = 0;
    while (count < 2_000) {
      const domain = domainToASCII(`${label()}.example`);
      const ascii = `ada@${domain}`;
      const expected = `ada@${domainToUnicode(domain)}`;
      // What isn't a domain, is ASCII alone, or mixes directions of writing.
      if (!domain.startsWith("xn--") || foldIdentifier(expected) !== ascii) continue;
      expect(spellingsOf(ascii)).toEqual([ascii, expected]);
      count++;
    }
  });

  it.each([
    ["is cut off", "xn--mller-kv"],
    ["is cut off and would stand for a character below zero", "xn--bb"],
    ["has another character", "xn--mller-kv!"],
    ["never ends a number", "xn--99999999"],
    ["stands for a character beyond Unicode", "xn--99999a"],
    ["is longer than numbers reach", `xn--${"9".repeat(320)}a`],
    ["has nothing after its ASCII letters", "xn--mller-"],
    ["begins with another letter", "axn--mller-kva"],
  ])("is left alone if a label isn't Punycode, since it %s: %s", (_, label) => {
    const address = `info@${label}.example`;
    expect(spellingsOf(address)).toEqual([address]);
  });

  it("is turned back in each label that needs it, wherever it stands", () => {
    const spellings = (domain: string) => spellingsOf(`Info@${domain}`).map((one) => one.slice(5));
    expect(spellings("mail.xn--mller-kva.example")).toEqual([
      "mail.xn--mller-kva.example",
      "mail.müller.example",
    ]);
    expect(spellings("xn--mller-kva.xn--bcher-kva.example")[1]).toBe("müller.bücher.example");
    // The part before the @ stays as it was typed.
    expect(spellingsOf(" Info@xn--mller-kva.example")).toEqual([
      " Info@xn--mller-kva.example",
      "Info@xn--mller-kva.example",
      "Info@müller.example",
    ]);
    expect(spellingsOf("xn--mller-kva.example")).toEqual(["xn--mller-kva.example"]);
  });
});

describe("an invisible character", () => {
  it("is found, at the end and around a text", () => {
    for (const text of ["ada@example.com\u200b", "\u2068ada@example.com\u2069", "a\u00adb", "\u202eabc"])
      expect(hasInvisible(text)).toBe(true);
    for (const mark of "\u2028\u2029\u202a\u202e\u2066\u2069") expect(hasInvisible(`a${mark}`)).toBe(true);
    for (const text of ["\u2027", "\u202f", "\u205f", "ada@example.com", "müller 😀", "a b\u00a0c"])
      expect(hasInvisible(text)).toBe(false);
  });
});
