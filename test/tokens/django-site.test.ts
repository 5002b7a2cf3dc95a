import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkToken, decodeUid, encodeUid, makeToken, type DjangoUser } from "resetkit/tokens/django";
import { algorithms } from "../../src/tokens/django/token.js";
import { askDjango, hasDjango, type Question, type Site } from "./django-site.js";

/** Text that can be in a database and on the wire: no half characters. */
const text = fc.string({ unit: "binary", maxLength: 24 }).map((one) => one.replace(/\p{Cs}/gu, "?"));
const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));
// From the second day on: until 4.0 Django took times of three characters for days.
const wallClock = fc
  .date({ min: new Date("2001-01-02T00:00:00Z"), max: new Date("2100-01-01T00:00:00Z"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19));
const lastLogin = fc.option(
  fc
    .tuple(wallClock, fc.constantFrom("", "+00:00", "+05:30", "-08:00"), fc.option(digits(6)))
    .map(([clock, zone, fraction]) => clock + (fraction === null ? "" : `.${fraction}`) + zone),
);
const user: fc.Arbitrary<DjangoUser> = fc.record({
  pk: fc.oneof(fc.nat(), fc.uuid(), text),
  password: fc.oneof(
    fc.base64String().map((hash) => `pbkdf2_sha256$600000$salt$${hash}`),
    text,
  ),
  lastLogin,
  email: fc.option(fc.oneof(fc.emailAddress(), text)),
});
const sites: fc.Arbitrary<Site> = fc.record({
  secret: fc
    .string({ unit: "binary", minLength: 1, maxLength: 60 })
    .map((one) => one.replace(/\p{Cs}/gu, "?")),
  fallbacks: fc.constant([]),
  keySalt: fc.oneof(fc.constant("django.contrib.auth.tokens.PasswordResetTokenGenerator"), text),
  algorithm: fc.constantFrom(...algorithms),
  timeout: fc.nat({ max: 300_000 }),
});
const seconds = (clock: string, more: number) =>
  new Date(Date.parse(`${clock}Z`) + more * 1000).toISOString().slice(0, 19);

const isThere = await hasDjango();

describe("beside real Django", () => {
  if (!isThere) {
    it("nothing is checked: python3-django is not here, and cannot be installed", () => undefined);
    return;
  }

  it("500 users of 500 sites get the same tokens, and each side takes what the other made, to the second", async () => {
    const cases = fc.sample(fc.record({ site: sites, user, now: wallClock }), { numRuns: 500, seed: 2008 });
    const minted = askDjango(cases.map((one): Question => ({ ask: "make", ...one })));
    const tokens = await Promise.all(cases.map(({ site, user, now }) => makeToken(site, user, now)));
    expect(minted.answers).toEqual(tokens);

    const checks = cases.flatMap(({ site, user, now }, index) => {
      const token = tokens[index]!;
      const at = (more: number, presented = token, other: Partial<DjangoUser> = {}) => ({
        ask: "check" as const,
        site,
        user: { ...user, ...other },
        now: seconds(now, more),
        token: presented,
      });
      return [
        at(0),
        at(site.timeout),
        at(site.timeout + 1),
        at(-3_600),
        at(0, token.toUpperCase()),
        at(0, `0${token}`),
        at(0, token.slice(0, -1)),
        at(0, tokens[(index + 1) % tokens.length]!),
        at(0, token, { password: `${user.password}x` }),
        at(0, token, { email: user.email ? null : "other@example.com" }),
        at(0, token, { lastLogin: user.lastLogin ? null : "2026-01-10T08:09:10" }),
      ];
    });
    const theirs = askDjango(checks).answers;
    const ours = await Promise.all(
      checks.map(({ site, user, token, now }) => checkToken(site, user, token, now)),
    );
    expect(ours).toEqual(theirs);
    expect(ours.filter(Boolean).length).toBeGreaterThan(1_000);
  });

  it("3,000 user parts are written and read alike, with every kind of dirt in them", () => {
    const clean = fc.sample(text, { numRuns: 500, seed: 1 });
    const dirty = fc.sample(
      fc.oneof(
        fc.string({ unit: fc.constantFrom(..."MQRTIzg09-_+/=! é"), maxLength: 12 }),
        fc.string({ unit: "binary-ascii", maxLength: 12 }),
      ),
      { numRuns: 2_500, seed: 2 },
    );
    const encoded = askDjango(clean.map((text) => ({ ask: "encode", text }))).answers;
    expect(clean.map((text) => encodeUid(text))).toEqual(encoded);
    const decoded = askDjango([...dirty, ...encoded].map((text) => ({ ask: "decode", text }))).answers;
    expect([...dirty, ...encoded].map(decodeUid)).toEqual(decoded);
    expect(decoded.filter((one) => one === null).length).toBeGreaterThan(500);
  });
});
