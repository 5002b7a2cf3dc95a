import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkToken, decodeUid, encodeUid, makeToken, type DjangoUser } from "resetkit/tokens/django";

import { algorithms } from "../../../src/tokens/django/token.js";

const vectors = JSON.parse(
  readFileSync(new URL("../../vectors/django-token-vectors-sample.json", import.meta.url), "utf8"),
) as { rows: any[] };

const djangosOwnSalt = "django.contrib.auth.tokens.PasswordResetTokenGenerator";
const userOf = (row: any): DjangoUser => ({ ...row, lastLogin: row.last_login });

const ada: DjangoUser = {
  pk: 1,
  password: "pbkdf2_sha256$1$salt$hash",
  lastLogin: "2026-01-10T08:09:10.123456+00:00",
  email: "ada@example.com",
};
const site = { secret: "a secret", timeout: 259_200 };
const now = "2026-01-15T12:34:56";

describe("the recorded vectors of Django", () => {
  it.each(vectors.rows)("$name: the same token, the same answer, the same user part", async (row) => {
    const making = { secret: row.secret, keySalt: row.key_salt, algorithm: row.algorithm };
    expect(await makeToken(making, userOf(row.user), row.now_iso)).toBe(row.token);
    expect(await makeToken(making, userOf(row.user), new Date(`${row.now_iso}Z`))).toBe(row.token);
    if (row.key_salt === djangosOwnSalt) {
      expect(await makeToken({ ...making, keySalt: undefined }, userOf(row.user), row.now_iso)).toBe(
        row.token,
      );
    }
    expect(encodeUid(row.user.pk)).toBe(row.uidb64);
    expect(decodeUid(row.uidb64)).toBe(row.user.pk);
    const { check } = row;
    const checking = {
      secret: check.secret_used,
      fallbacks: check.fallbacks_used,
      keySalt: check.key_salt_used,
      algorithm: check.algorithm_used,
      timeout: row.timeout_s,
    };
    expect(await checkToken(checking, userOf(check.user), check.token_presented, check.at_iso)).toBe(
      check.expected,
    );
  });
});

describe("a token of Django's kind", () => {
  it("joins its parts bare: two users can have one token (Django's own weakness)", async () => {
    const split = (pk: string, password: string) => makeToken(site, { ...ada, pk, password }, now);
    expect(await split("12", "3x")).toBe(await split("1", "23x"));
    const token = await makeToken(site, { ...ada, lastLogin: null, email: "5ada@example.com" }, now);
    const [time, part] = token.split("-") as [string, string];
    const longer = `${(Number.parseInt(time, 36) * 10 + 5).toString(36)}-${part}`;
    const mover = { ...ada, lastLogin: null, email: "ada@example.com" };
    expect(await checkToken({ ...site, timeout: 1 }, mover, longer, now)).toBe(true);
  });

  it("is of its age or of the future: there is no lower bound", async () => {
    const token = await makeToken(site, ada, "2069-12-24T05:45:35");
    expect(token).toMatch(/^zzzzzz-/);
    expect(await checkToken(site, ada, token, now)).toBe(true);
    const later = await makeToken(site, ada, "2069-12-24T05:45:36");
    expect(later).toMatch(/^1000000-/);
    expect(await checkToken({ ...site, timeout: 0 }, ada, later, "2069-12-24T05:45:36.9")).toBe(true);
    expect(await checkToken({ ...site, timeout: 0 }, ada, later, "2069-12-24T05:45:37")).toBe(false);
    expect(await checkToken({ ...site, timeout: -1 }, ada, later, "2069-12-24T05:45:36")).toBe(false);
  });

  it("keeps the clock of the last login, whatever its zone, and drops its fraction", async () => {
    const token = await makeToken(site, ada, now);
    for (const lastLogin of [
      "2026-01-10T08:09:10",
      "2026-01-10 08:09:10.999999",
      "2026-01-10T08:09:10+14:00",
      "2026-01-10T08:09:10-0330",
      "2026-01-10 08:09:10+00",
      "2026-01-10T08:09:10Z",
      "2026-01-10T08:09:10+05:30:15",
      "2026-01-10T08:09:10.5-08:00",
      new Date("2026-01-10T08:09:10.5Z"),
    ]) {
      expect(await makeToken(site, { ...ada, lastLogin }, now), String(lastLogin)).toBe(token);
    }
    expect(await makeToken(site, { ...ada, lastLogin: "2026-01-10T08:09:11" }, now)).not.toBe(token);
    expect(await makeToken(site, { ...ada, lastLogin: null }, now)).not.toBe(token);
  });

  it("is made for a moment to the second, however its text is written", async () => {
    const token = await makeToken(site, ada, now);
    for (const written of [
      "2026-01-15 12:34:56",
      "2026-01-15T12:34:56.9",
      "2026-01-15 12:34:56.999999",
      "2026-01-15T12:34:56Z",
      "2026-01-15T12:34:56.123Z",
      new Date("2026-01-15T12:34:56.999Z"),
    ]) {
      expect(await makeToken(site, ada, written), String(written)).toBe(token);
    }
    expect(await makeToken(site, ada, "2026-01-15T12:34:57")).not.toBe(token);
    expect(await makeToken(site, ada, "2001-01-01T00:00:00")).toMatch(/^0-[0-9a-f]{32}$/);
    const first = await makeToken(site, ada, "2001-01-01T00:00:00");
    expect(await checkToken(site, ada, first, "2001-01-01T00:00:01")).toBe(true);
  });

  it("takes no last login for none, however it is not there", async () => {
    const never = await makeToken(site, { ...ada, lastLogin: null }, now);
    for (const lastLogin of [undefined, ""] as any[]) {
      expect(await makeToken(site, { ...ada, lastLogin }, now)).toBe(never);
    }
  });

  it("takes no address for an empty one", async () => {
    const without = await makeToken(site, { ...ada, email: null }, now);
    expect(await makeToken(site, { ...ada, email: "" }, now)).toBe(without);
  });

  const opensslNames: Readonly<Record<string, string>> = {
    ...{ sha3_224: "sha3-224", sha3_256: "sha3-256", sha3_384: "sha3-384", sha3_512: "sha3-512" },
    ...{ blake2b: "blake2b512", blake2s: "blake2s256" },
  };

  it.each(algorithms)("can be of %s", async (algorithm) => {
    const token = await makeToken({ ...site, algorithm }, ada, now);
    const half = createHmac(opensslNames[algorithm] ?? algorithm, "").digest().length;
    expect(token).toMatch(new RegExp(`^d2g5m8-[0-9a-f]{${half}}$`));
    expect(await checkToken({ ...site, algorithm }, ada, token, now)).toBe(true);
    expect(
      await checkToken({ ...site, algorithm: algorithm === "sha1" ? "sha256" : "sha1" }, ada, token, now),
    ).toBe(false);
  });

  it("is made with the secret alone, and good with any fallback", async () => {
    const token = await makeToken(site, ada, now);
    const rotated = { secret: "new", fallbacks: ["older", "a secret"], timeout: 60 };
    expect(await checkToken(rotated, ada, token, now)).toBe(true);
    expect(await makeToken(rotated, ada, now)).not.toBe(token);
    expect(await checkToken({ ...rotated, fallbacks: [] }, ada, token, now)).toBe(false);
    const none = await makeToken({ secret: "undefined" }, ada, now);
    expect(await checkToken(rotated, ada, none, now)).toBe(false);
  });

  it("is good in one spelling only, though Django reads its time leniently", async () => {
    const token = await makeToken(site, ada, now);
    const [time, part] = token.split("-") as [string, string];
    const others = [
      `0${token}`,
      `+${token}`,
      ` ${token}`,
      `${token} `,
      `${time} -${part}`,
      `${time.slice(0, 3)}_${time.slice(3)}-${part}`,
      `D2G5M8-${part}`,
      `d2g5m\u0668-${part}`,
      token.toUpperCase(),
      `${token}-`,
      `-${token}`,
      time + part,
      time,
      `-${part}`,
      `${time}-`,
      `${time}-${part.slice(1)}`,
      `${"1".repeat(14)}-${part}`,
      `${time}-${part}\n`,
      "",
      "-",
    ];
    for (const other of others) expect(await checkToken(site, ada, other, now), other).toBe(false);
    expect(await checkToken(site, ada, token, now)).toBe(true);
  });

  it("is refused without a user, and without a token", async () => {
    const token = await makeToken(site, ada, now);
    expect(await checkToken(site, null, token, now)).toBe(false);
    expect(await checkToken(site, undefined, token, now)).toBe(false);
    for (const nothing of [null, undefined, 5, {}, ["a-b"]] as any[]) {
      expect(await checkToken(site, ada, nothing, now)).toBe(false);
    }
  });

  it.each([
    [{ now: "soon" }, "now isn't a local time"],
    [{ now: "2026-01-15T12:34:56+01:00" }, "without a time zone"],
    [{ now: "2026-13-15T12:34:56" }, "now isn't a local time"],
    [{ now: new Date(Number.NaN) }, "now isn't a local time"],
    [{ now: "2000-12-31T23:59:59" }, "count from 2001"],
    [{ now: "x2026-01-15T12:34:56" }, "now isn't a local time"],
    [{ now: "2026-01-15T12:34:56x" }, "now isn't a local time"],
    [{ now: "2026-01-15T12:34:56." }, "now isn't a local time"],
    [{ now: "2026-01-15" }, "now isn't a local time. Use a Date, or a string without a time zone"],
    [
      { lastLogin: "yesterday" },
      `lastLogin isn't a time. Use null, a Date, or a string such as "2026-01-10T`,
    ],
    [{ lastLogin: "x2026-01-10T08:09:10" }, "lastLogin isn't a time"],
    [{ lastLogin: "2026-01-10T08:09:10x" }, "lastLogin isn't a time"],
    [{ lastLogin: "2026-01-10T08:09:10+1" }, "lastLogin isn't a time"],
    [{ lastLogin: "2026-01-10T08:09:10+01:" }, "lastLogin isn't a time"],
    [{ lastLogin: "2026-01-10T08:09:10." }, "lastLogin isn't a time"],
    [{ lastLogin: new Date(Number.NaN) }, "lastLogin isn't a time"],
  ])("is not made of %j", async (wrong: any, sentence) => {
    const making = makeToken(site, { ...ada, ...wrong }, wrong.now ?? now);
    await expect(making).rejects.toThrow(sentence);
    await expect(making).rejects.toBeInstanceOf(TypeError);
  });
});

describe("the user part", () => {
  it("is the text of the key in base64url", () => {
    expect([encodeUid(1), encodeUid("1"), encodeUid(2n ** 63n - 1n), encodeUid("zoë")]).toEqual([
      "MQ",
      "MQ",
      "OTIyMzM3MjAzNjg1NDc3NTgwNw",
      "em_Dqw",
    ]);
  });

  it.each([
    ["MQ", "1"],
    ["MR", "1"],
    ["MQ=", "1"],
    ["MQ==x", "1"],
    ["MQ==MQ==", "1"],
    ["====MQ", "1"],
    ["M Q", "1"],
    ["M=Q", "1"],
    ["!MQ", "1"],
    ["MQéé", "1"],
    ["MQ==é", "1"],
    ["MTI=x", "12"],
    ["MTIz", "123"],
    ["MTIzNA", "1234"],
    ["MTIzNDU", "12345"],
    ["MTIzNDU2", "123456"],
    ["em/Dqw", "zoë"],
    ["em_Dqw", "zoë"],
    ["RM+z=", "Dϳ"],
    ["RM-z=", "Dϳ"],
    ["M é==0", "3"],
    ["I=+", "#"],
    ["Ié+é", "#"],
    ["R=z-=TQ_ ", "G?"],
    ["QT!R!=!é", "A4"],
    ["éé =ITT", "!4"],
    ["RTI=M", "E2"],
    ["! !Q!0= I", "CB"],
    ["AAA=", "\0\0"],
    ["", ""],
    ["=", ""],
    ["é!", ""],
    ["  ", ""],
  ])("is read as leniently as Django reads it: %j is %j", (text, key) => {
    expect(decodeUid(text)).toBe(key);
  });

  it.each(
    // As Django's own reader says of each of them.
    [
      "M",
      "M=",
      "M===",
      "A===",
      "MQ=x",
      "MQ=M",
      "M=Q=",
      "AA=A",
      "MQ!!",
      "MQé",
      "MTIzN",
      "AAAAA",
      "gA",
      "////",
      "__8",
    ].concat([
      "!+0",
      "0!",
      "_!=",
      "+M=é",
      "/Q ",
      "+ +!",
      "=Té0",
      "M+MQéQ=",
      "MRI-=Q_é",
      "!_IMéR",
      "TT--+!z ",
    ]),
  )("is none, as in Django: %j", (text) => {
    expect(decodeUid(text)).toBe(null);
  });

  it("is no number, list or nothing", () => {
    for (const text of [5, null, undefined, ["MQ"], {}] as any[]) expect(decodeUid(text)).toBe(null);
  });
});
