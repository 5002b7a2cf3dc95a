import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { base64url } from "../../src/crypto/encoding.js";
import { memoryStore } from "resetkit/stores/memory";
import { encodeUid, makeToken } from "resetkit/tokens/django";
import { djangoTokens, type DjangoTokensOptions } from "resetkit/tokens/django";
import { storedTokens } from "resetkit/tokens/stored";
import type { Account, StateValue } from "resetkit/types";
import { goodPassword, keptLog, makeKit, people } from "../kit.js";
import { accountOf, connect, day, issue, look, macOf, secrets, start } from "./bench.js";

const secretKey = "django's own secret key: ^@8e!2k3_(x9+w-5$%j";
const older = "an older secret key of the site: z7&n)m4=q1^";
const django = (options: Partial<DjangoTokensOptions> = {}) => djangoTokens({ secretKey, ...options });
const now = new Date(start);
const timeout = 259_200;

const toDjango = ({ user, id }: Account) => {
  const { password, last_login, email } = user as any;
  return { pk: String(id), password, lastLogin: last_login, email };
};

describe("a Django token", () => {
  it("is the user part and the token that Django makes, with a slash between", async () => {
    const { token, expiresAt } = await issue(connect(django()), accountOf(35));
    const theirs = await makeToken({ secret: secretKey }, toDjango(accountOf(35)), now);
    expect(token).toBe(`MzU/${theirs}`);
    // Django's own page still takes it at the last second of the timeout.
    expect(expiresAt).toBe(start + (timeout + 1) * 1000);
  });

  it("that Django sent is good here: with the secret, with a fallback, and with no other", async () => {
    const ada = accountOf(35);
    const sent = async (secret: string) => `MzU/${await makeToken({ secret }, toDjango(ada), now)}`;
    const connected = connect(django({ fallbacks: [older] }));
    for (const secret of [secretKey, older]) {
      const { claim, asked } = await look(connected, await sent(secret), ada);
      expect([claim?.account, asked]).toEqual([ada, [35]]);
    }
    expect((await look(connected, await sent("somebody else's"), ada)).claim).toBe(null);
  });

  it.each([
    ["integer", 35, "MzU", 35],
    ["integer", "35", "MzU", 35],
    ["integer", 2n ** 63n - 1n, "OTIyMzM3MjAzNjg1NDc3NTgwNw", 2n ** 63n - 1n],
    [
      "uuid",
      "0190B5F07B1A7C3E8F0000000000002A",
      encodeUid("0190b5f0-7b1a-7c3e-8f00-00000000002a"),
      undefined,
    ],
    ["text", "ada", "YWRh", "ada"],
    ["text", "0190B5F0", "MDE5MEI1RjA", "0190B5F0"],
  ] as const)("names the %s key %s as %s", async (ids, id, uid, back) => {
    const connected = connect(django({ ids }));
    const { token } = await issue(connected, accountOf(id));
    expect(token.split("/")[0]).toBe(uid);
    const { claim, asked } = await look(connected, token, accountOf(id));
    expect(claim).not.toBe(null);
    expect(asked).toEqual([back ?? "0190b5f0-7b1a-7c3e-8f00-00000000002a"]);
  });

  it("is good in the one spelling that Django writes, though Django's page reads more", async () => {
    const connected = connect(django());
    const ada = accountOf(12);
    const { token } = await issue(connected, ada);
    const [uid, rest] = token.split("/") as [string, string];
    expect(uid).toBe("MTI");
    for (const other of ["MTI=", "MTJ", "M TI", "KzEy", "IDEy", "MDEy", "MV8y", "MTI/", ""]) {
      expect(await look(connected, `${other}/${rest}`, ada), other).toEqual({ claim: null, asked: [] });
    }
    for (const other of [rest, `/${rest}`, `${uid}${rest}`, `${uid}/${rest}/`, `${uid}/`, uid]) {
      expect((await look(connected, other, ada)).claim, other).toBe(null);
    }
    expect(await look(connected, `${uid}/${rest}${"0".repeat(500)}`, ada)).toEqual({
      claim: null,
      asked: [],
    });
    expect((await look(connected, token, ada)).claim).not.toBe(null);
  });

  it("is refused where the look-up gives another account than was asked for", async () => {
    const connected = connect(django({ ids: "text" }));
    const { token } = await issue(connected, accountOf("ada"));
    const [, rest] = token.split("/");
    // A database that ignores case finds Ada's row for ADA.
    expect((await look(connected, `${encodeUid("ADA")}/${rest}`, accountOf("ada"))).claim).toBe(null);
    expect((await look(connected, token, null)).claim).toBe(null);
  });

  it("lives as long as the timeout, to the second, and longer where it was made for the future", async () => {
    for (const [option, seconds] of [
      [undefined, timeout],
      [3600, 3600],
      ["1h", 3600],
    ] as const) {
      const connected = connect(django({ timeout: option as number }));
      const ada = accountOf(35);
      const { token, expiresAt } = await issue(connected, ada, { now: start + 400 });
      const at = async (moment: number) => (await look(connected, token, ada, { now: moment })).claim;
      expect(expiresAt).toBe(start + (seconds + 1) * 1000);
      expect((await at(expiresAt - 1))?.expiresAt).toBe(expiresAt);
      expect(await look(connected, token, ada, { now: expiresAt })).toEqual({ claim: null, asked: [] });
      expect(await at(start - day)).not.toBe(null);
    }
  });

  it("follows a wall clock that is not UTC", async () => {
    for (const [utcOffset, clock] of [
      ["+02:00", "2026-01-15T14:00:00"],
      ["-03:30", "2026-01-15T08:30:00"],
    ] as const) {
      const connected = connect(django({ utcOffset, timeout: 60 }));
      const { token, expiresAt } = await issue(connected, accountOf(35));
      expect(token).toBe(`MzU/${await makeToken({ secret: secretKey }, toDjango(accountOf(35)), clock)}`);
      expect(expiresAt).toBe(start + 61_000);
      expect((await look(connected, token, accountOf(35), { now: start + 60_999 })).claim).not.toBe(null);
      expect((await look(connected, token, accountOf(35), { now: start + 61_000 })).claim).toBe(null);
    }
  });

  it("of a stand-in is a token of the same form, of a key that nobody has", async () => {
    const connected = connect(django());
    const { token } = await issue(connected, accountOf(35, { decoy: true }));
    const nobody = { pk: "0", password: "", lastLogin: null, email: "ada@example.com" };
    expect(token).toBe(`MA/${await makeToken({ secret: secretKey }, nobody, now)}`);
    expect(django().kind).toBe("django");
  });

  it("is counted by hashes of its own kind, in a window of the timeout", async () => {
    const { counters } = memoryStore();
    const hits: [key: string, per: number][] = [];
    const hit: typeof counters.hit = (key, window) => (
      hits.push([key, window.per]),
      counters.hit(key, window)
    );
    const connected = connect(django({ timeout: "1h" }), { counters: { ...counters, hit } });
    const ada = accountOf(35);
    const { token } = await issue(connected, ada);
    const key = (purpose: string, parts: readonly StateValue[]) =>
      base64url(macOf(secrets[0], purpose, parts).subarray(0, 16));
    const mails = key("django/mails", ["n:35", "", ada.address, ...ada.state]);
    expect(hits.slice(0, 2)).toEqual([
      [`${mails}.pending`, 300_000],
      [`${mails}.accepted`, 3_600_000],
    ]);
    hits.length = 0;
    expect(await (await look(connected, token, ada)).claim!.spend(start + 1_000, start)).toBe(true);
    expect(hits).toEqual([
      [hashName(`django/used ${token}`), expect.any(Number)],
      [hashName(`django/spent ${token}`), 1_000],
    ]);
  });

  it("is refused, and nobody looked up, where its key or its time cannot be read", async () => {
    const connected = connect(django({ ids: "text" }));
    const ada = accountOf("ada");
    const { token } = await issue(connected, ada);
    const rest = token.slice(token.indexOf("/") + 1);
    for (const other of [
      `gA/${rest}`,
      `Y/${rest}`,
      `/${rest}`,
      rest,
      `YWRh/${rest.slice(6)}`,
      "YWRh/",
      "YWRh",
      "/",
    ]) {
      expect(await look(connected, other, ada), other).toEqual({ claim: null, asked: [] });
    }
    for (const other of [undefined, null, 5, {}, [token]] as any[]) {
      expect(await look(connected, other, ada)).toEqual({ claim: null, asked: [] });
    }
  });

  it("takes what an account does not have for nothing", async () => {
    const { token } = await issue(connect(django({ user: () => ({ password: "h" }) as any })), accountOf(35));
    const bare = { pk: 35, password: "h", lastLogin: null, email: null };
    expect(token).toBe(`MzU/${await makeToken({ secret: secretKey }, bare, now)}`);
  });

  it("that lives for more than a day, as Django's do, is warned of at start", () => {
    const said = (timeout?: number | string) => {
      const log = keptLog();
      connect(django(timeout === undefined ? {} : { timeout }), { log });
      return log.lines;
    };
    const warning =
      'warn: djangoTokens({ timeout }) is above 24 hours, the most that NIST SP 800-63B-4 allows for a link in an email. Set it to "24h" or less when the links that Django sent have expired.';
    expect([said(), said(86_401)]).toEqual([[warning], [warning]]);
    expect([said(86_400), said("24h"), said("1s")]).toEqual([[], [], []]);
  });

  it("can have the salt and the hash of another generator", async () => {
    const options = { keySalt: "invitations", algorithm: "sha1" } as const;
    const { token } = await issue(connect(django(options)), accountOf(35));
    const theirs = await makeToken({ secret: secretKey, ...options }, toDjango(accountOf(35)), now);
    expect(token).toBe(`MzU/${theirs}`);
    expect(theirs).toMatch(/^[0-9a-z]{6}-[0-9a-f]{20}$/);
    expect((await look(connect(django()), token, accountOf(35))).claim).toBe(null);
  });

  it("finds the four values where it is told to", async () => {
    const ada = accountOf(35, {
      user: { key: 77, hash: "h", seen: new Date("2026-01-10T08:09:10.9Z"), mail: null },
    });
    const user = (row: any) => ({ pk: row.key, password: row.hash, lastLogin: row.seen, email: row.mail });
    const { token } = await issue(connect(django({ user })), ada);
    const same = { pk: 77, password: "h", lastLogin: "2026-01-10T08:09:10", email: "" };
    expect(token).toBe(`Nzc/${await makeToken({ secret: secretKey }, same, now)}`);
  });

  it.each(["last_login", "lastLogin"])("finds the last login in %s by itself", async (name) => {
    const seen = "2026-01-10 08:09:10.123456+00:00";
    const ada = accountOf(35, { user: { password: "h", email: "ada@example.com", [name]: seen } });
    const { token } = await issue(connect(django()), ada);
    const same = { pk: 35, password: "h", lastLogin: seen, email: "ada@example.com" };
    expect(token).toBe(`MzU/${await makeToken({ secret: secretKey }, same, now)}`);
  });

  it("says where the hash should be, if it is not there", async () => {
    const ada = accountOf(35, { user: { passwordHash: "h" } });
    await expect(issue(connect(django()), ada)).rejects.toThrow(
      "found no password hash in the account: pass djangoTokens({ user: (user) => ({ password: user.passwordHash",
    );
  });

  it("is nobody's without a password: none is good, and none is made", async () => {
    const connected = connect(django());
    const { token } = await issue(connected, accountOf(35));
    const without = accountOf(35, { user: { password: null, email: "ada@example.com" } });
    expect((await look(connected, token, without)).claim).toBe(null);
    const empty = await makeToken(
      { secret: secretKey },
      { ...toDjango(without), password: "", lastLogin: null },
      now,
    );
    expect((await look(connected, `MzU/${empty}`, without)).claim).toBe(null);
    await expect(issue(connected, without)).rejects.toThrow("Return false for it in users.mayReset");
  });

  it.each<[any, string]>([
    [{}, "djangoTokens({ secretKey }) is missing: pass the SECRET_KEY of the Django site"],
    [{ secretKey: "vector-secret-one" }, "has 17 bytes, but 32 is the minimum"],
    [{ secretKey: `django-insecure-${secretKey}` }, "a placeholder that anyone could guess"],
    [
      { secretKey, fallbacks: "older" },
      "djangoTokens({ fallbacks }) must be an array. Pass SECRET_KEY_FALLBACKS, or leave it out.",
    ],
    [
      { secretKey, fallbacks: ["short"] },
      "djangoTokens({ fallbacks }) has 5 bytes, but 32 is the minimum: pass the site's old keys that were random, and leave the others out.",
    ],
    [
      { secretKey, algorithm: "shake_128" },
      'is "shake_128". Use one of sha1, sha224, sha256, sha384, sha512',
    ],
    [{ secretKey, timeout: 0 }, "in seconds, is 0. Pass an integer"],
    [{ secretKey, timeout: "soon" }, "djangoTokens({ timeout })"],
    [{ secretKey, timeout: "999ms" }, "djangoTokens({ timeout }), in seconds, is 0. Pass an integer"],
    [{ secretKey, timeout: 1.5 }, "in seconds, is 1.5. Pass an integer from 1 to 315360000"],
    [{ secretKey, timeout: 315_360_001 }, "in seconds, is 315360001"],
    [{ secretKey, ids: "int" }, 'djangoTokens({ ids }) is "int"'],
    ...["CET", "+15:00", "+02:60", "+2:00", "02:00", "UTC+02:00", "+02:00 "].map(
      (utcOffset): [any, string] => [
        { secretKey, utcOffset },
        `djangoTokens({ utcOffset }) is "${utcOffset}". Use hours and minutes, such as "+02:00".`,
      ],
    ),
    [
      { secretKey, user: "id" },
      "djangoTokens({ user }) must be a function: pass djangoTokens({ user: (user)",
    ],
    [{ secretKey, secret: "x" }, 'djangoTokens() has no option "secret"'],
  ])("is not made by %j", (options, sentence) => {
    expect(() => djangoTokens(options)).toThrow(sentence);
    expect(() => djangoTokens(options)).toThrow(TypeError);
  });
});

describe("a site that moves from Django", () => {
  it("keeps the links that Django has sent, and sends its own", async () => {
    const accounts = people("ada@example.com");
    const user = ({ passwordHash, email }: any) => ({ password: passwordHash, lastLogin: null, email });
    const kit = makeKit({ tokens: [storedTokens(), djangoTokens({ secretKey, user })] }, accounts);
    const ada = accounts.byId.get(1)!;
    const fields = { ...user(ada), pk: 1 };
    const link = `MQ/${await makeToken({ secret: secretKey }, fields, new Date(kit.clock.now - day))}`;
    expect(await kit.reset.validate({ token: link })).toBe(true);
    const own = await kit.ask("ada@example.com");
    expect(own.token).toHaveLength(43);

    await kit.reset.confirm({ token: link, password: goodPassword });
    expect(kit.passwordOf(1)).toBe(goodPassword);
    expect(await kit.reset.validate({ token: link })).toBe(false);
    expect(await kit.reset.validate({ token: own.token })).toBe(false);
  });

  it("can send what Django would have sent, at the same address", async () => {
    const user = ({ passwordHash, email }: any) => ({ password: passwordHash, lastLogin: null, email });
    const kit = makeKit({
      tokens: djangoTokens({ secretKey, user }),
      url: "https://example.com/reset/{token}/",
    });
    const { url, token, expiresAt } = await kit.ask("ada@example.com");
    expect(url).toBe(`https://example.com/reset/MQ/${token.slice(3)}/`);
    expect(expiresAt.getTime()).toBe(kit.clock.now + (timeout + 1) * 1000);
    await kit.reset.confirm({ token, password: goodPassword });
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });
});

function hashName(text: string): string {
  return createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
}
