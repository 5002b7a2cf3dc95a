import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byEmail } from "resetkit/delivery/email";
import type { Mail } from "resetkit/delivery/mail";
import { createHandler } from "resetkit/http";
import { isAddress } from "../../src/identity/identifier.js";
import { goodPassword, makeKit, people, secret, type Person } from "../kit.js";

// Vulnerabilities that were published for other systems: each as the statement that they broke.

const email = "ada@example.com";

function served(options: Parameters<typeof makeKit>[0] = {}, accounts = people(email, "grace@example.com")) {
  const kit = makeKit(options, accounts);
  const handler = createHandler(kit.reset, { log: kit.log });
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await handler(
      new Request(`https://app.example.com/api/password_reset${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
      { ip: "192.0.2.1" },
    );
    return { status: response.status, body: await response.text(), headers: response.headers };
  };
  return { ...kit, post };
}

describe("who gets the email", () => {
  it("CVE-2023-7028, CVE-2026-8206: a list, or another field, chooses no recipient", async () => {
    const { post, reset, mails } = served();
    expect((await post("/", { email: [email, "mallory@evil.example"] })).status).toBe(400);
    for (const field of ["to", "recipient", "cc", "user_email", "address", "send_to"]) {
      await post("/", { email, [field]: "mallory@evil.example" });
      await reset.drain();
    }
    expect(mails.length).toBeGreaterThan(0);
    expect(new Set(mails.map(({ address }) => address))).toEqual(new Set([email]));
  });

  it("CVE-2024-27295, CVE-2019-19844: what a lenient database finds is compared again", async () => {
    const accounts = people("mike@example.com");
    accounts.users.findByIdentifier = () => [{ ...accounts.byId.get(1)! }];
    const { reset, mails } = makeKit({}, accounts);
    for (const typed of [
      "m\u0131ke@example.com",
      "mi\u212ae@example.com",
      "míke@example.com",
      "mike@examp\u0131e.com",
      "ｍike@example.com",
    ]) {
      await reset.request({ identifier: typed }).catch(() => undefined);
    }
    await reset.drain();
    expect(mails).toEqual([]);
    // Control: its own spelling is found.
    await reset.request({ identifier: "MIKE@example.com" });
    await reset.drain();
    expect(mails.map(({ address }) => address)).toEqual(["mike@example.com"]);
  });

  it.each([
    '"mallory@evil.example "@example.com',
    "a(c)@example.com",
    "<a@example.com>",
    "a@x.example,b@y.example",
    "g:a@example.com;",
    "@evil.example:a@example.com",
  ])("GHSA-mm7p-fcc7-pg87, GHSA-5jpx-9hw9-2fx4: %s isn't an email address", async (text) => {
    expect(isAddress(text)).toBe(false);
    expect((await served().post("/", { email: text })).status).toBe(400);
  });

  it("GHSA-7rqj-j65f-68wh: what becomes an address by normalization isn't one", async () => {
    const { post } = served();
    for (const text of [
      "ada\uff20example.com",
      "ada\ufe6bexample.com",
      "ada@example\u2024com\u0000",
      "ada@example.com\uff0cb@x.example",
    ]) {
      expect((await post("/", { email: text })).status, text).toBe(400);
    }
  });

  it("GHSA-hp5w-3hxx-vmwf: fields that aren't declared never reach the look-up", async () => {
    const accounts = people(email);
    const seen: unknown[][] = [];
    const find = accounts.users.findByIdentifier;
    accounts.users.findByIdentifier = (...given) => (seen.push(given), find(...given));
    const { post, reset } = served({}, accounts);
    await post("/", { email, active: true, where: { id: 1 }, collection: "admins", id: 1 });
    await reset.drain();
    expect(seen.length).toBeGreaterThan(0);
    expect(JSON.stringify(seen)).not.toMatch(/admins|where|collection/);
  });
});

describe("where the link leads", () => {
  it("CVE-2012-4520, CVE-2017-8295, CVE-2017-9303, CVE-2023-49097, CVE-2025-64101, GHSA-93m4-mfpg-c3xf, GHSA-pfrf-9r5f-73f5, CVE-2026-22794, GHSA-j9gf-vw2f-9hrw: to the configured site, whatever headers say", async () => {
    const { post, reset, mails, clock } = served();
    const names = [
      "host",
      "x-forwarded-host",
      "x-forwarded-proto",
      "x-forwarded-port",
      "forwarded",
      "origin",
      "referer",
      "x-original-url",
      "x-host",
    ];
    const all = Object.fromEntries(names.map((name) => [name, "host=evil.example;proto=http"]));
    for (const headers of [...names.map((name) => ({ [name]: all[name]! })), all]) {
      await post("/", { email }, headers);
      await reset.drain();
      clock.now += 24 * 3_600_000;
    }
    const links = mails.map((mail) => (mail as { url: string }).url);
    expect(links).toHaveLength(names.length + 1);
    for (const link of links) expect(link).toMatch(/^https:\/\/app\.example\.com\/reset-password\/[\w-]+$/);
    expect(() => makeKit({ url: undefined as never })).toThrow(TypeError);
    expect(() => makeKit({ url: "/reset/{token}" })).toThrow(TypeError);
  });

  it("CVE-2025-70948, CVE-2025-25198, CVE-2022-23079: the link is its configuration with the token in it", async () => {
    const { ask } = makeKit();
    const { url, token } = await ask(email);
    expect(url).toBe(`https://app.example.com/reset-password/${token}`);
  });

  it("CVE-2023-27474: nothing from the request gets into an email", async () => {
    const mails: Mail[] = [];
    const deliver = byEmail<Person>({
      transport: { sendMail: (mail) => void mails.push(mail) },
      from: "Example <no-reply@example.com>",
    });
    const { reset } = makeKit({ deliver });
    const evil = "<b>evil</b>call 0800";
    await reset.request({ identifier: email }, { userAgent: evil, data: { note: evil }, locale: evil });
    await reset.drain();
    expect(mails).toHaveLength(1);
    expect(JSON.stringify(mails)).not.toContain("evil");
  });
});

describe("who holds a valid token", () => {
  it("CVE-2026-28268: a used token is refused though nothing was ever cleared", async () => {
    const { reset, ask, clock } = makeKit();
    const { token } = await ask(email);
    await reset.confirm({ token, password: goodPassword });
    for (const later of [0, 1_000, 86_400_000, 90 * 86_400_000]) {
      clock.now += later;
      await expect(reset.confirm({ token, password: "another quay 7" })).rejects.toMatchObject({
        code: "invalid_token",
      });
    }
  });

  it("CVE-2026-21622: every token has an end, and an absurd lifetime stops the start", async () => {
    const { ask, reset, clock } = makeKit();
    const { expiresAt, token } = await ask(email);
    expect(Number(expiresAt) - clock.now).toBeLessThanOrEqual(86_400_000);
    clock.now = Number(expiresAt);
    expect(await reset.validate({ token })).toBe(false);
    for (const lifetime of ["0s", "-1h", Infinity, "never"])
      expect(() => makeKit({ lifetime: lifetime as never })).toThrow(TypeError);
  });

  it("CVE-2013-0233, CVE-2019-18818, GHSA-vgjh-hmwf-c588, CVE-2021-32648: a token of another type is refused before any look-up", async () => {
    const { post, calls, ask } = served();
    await ask(email);
    const before = { ...calls };
    for (const token of [true, false, {}, [], ["x"], { $gt: "" }, 1.5, null]) {
      const { status } = await post("/confirm/", { token, password: goodPassword });
      expect(status, JSON.stringify(token)).toBe(400);
    }
    // A number is its digits, and no token.
    for (const token of [0, 1, 123456])
      expect((await post("/confirm/", { token, password: goodPassword })).status).toBe(404);
    expect(calls).toEqual(before);
  });

  it("CVE-2019-16109, CVE-2026-41276: blank tokens match no account", async () => {
    const { post, passwordOf } = served();
    const before = passwordOf(1);
    for (const token of ["", " ", "\t", null, undefined, [], [null], "null", "undefined"]) {
      expect((await post("/confirm/", { token, password: goodPassword })).status).toBeGreaterThanOrEqual(400);
    }
    expect(passwordOf(1)).toBe(before);
  });

  it("CVE-2025-58434: no response has the token in it", async () => {
    const { post, reset, mails } = served();
    const answers = [await post("/", { email })];
    await reset.drain();
    const { token } = mails[0] as { token: string };
    answers.push(await post("/validate_token/", { token }));
    answers.push(await post("/confirm/", { token, password: "1" }));
    answers.push(await post("/confirm/", { token, password: goodPassword }));
    answers.push(await post("/confirm/", { token, password: goodPassword }));
    for (const { body, headers } of answers) expect(body + JSON.stringify([...headers])).not.toContain(token);
  });

  it("CVE-2019-13177, CVE-2021-22911: an empty, short, or repeated secret stops the start, and no error shows it", () => {
    for (const bad of ["", "x", secret.slice(0, 31), "a".repeat(64), [], undefined]) {
      expect(() => makeKit({ secret: bad as never })).toThrow(TypeError);
    }
    expect(() => makeKit({ secret })).not.toThrow();
  });

  it("CVE-2026-22706, GHSA-3ccg-x393-96v8, CVE-2021-25966: sessions end with the reset, or as soon as they can", async () => {
    const accounts = people(email);
    let down = true;
    const revoke = accounts.users.revokeSessions as (user: Person, context: object) => unknown;
    accounts.users.revokeSessions = (user, context) => {
      if (down) throw new Error("the store of sessions is away");
      return revoke(user, context);
    };
    const { reset, ask, byId, clock } = makeKit({}, accounts);
    const { token } = await ask(email);
    await reset.confirm({ token, password: goodPassword });
    expect(byId.get(1)!.sessions).toBe(2);
    down = false;
    clock.now += 3_600_000;
    await reset.drain();
    expect(byId.get(1)!.sessions).toBe(0);
  });
});

describe("who can tell, and who can flood", () => {
  it("CVE-2026-26185: another invalid field tells nothing of the account", async () => {
    const { post, calls } = served();
    const answers = [];
    for (const identifier of [email, "nobody@example.com"])
      answers.push(await post("/", { email: identifier, url: 5, lang: [] }));
    expect(answers[0]!.body).toBe(answers[1]!.body);
    expect(answers[0]!.status).toBe(answers[1]!.status);
    expect(calls.findByIdentifier).toBe(0);
  });

  it("CVE-2025-64526: case, blanks, and further fields don't vary the key of a rate limit", async () => {
    const { post } = served({ throttles: "fair" });
    const statuses = [];
    for (let n = 0; n < 8; n++) {
      const typed = [email, "ADA@example.com", ` ${email} `, "Ada@Example.COM"][n % 4];
      statuses.push((await post("/", { email: typed, nonce: n })).status);
    }
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(5);
    expect(statuses).toContain(429);
  });

  it("a text of any form is no 5xx (300 bodies)", async () => {
    const { post } = served();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("/", "/validate_token/", "/confirm/"),
        fc.jsonValue(),
        async (path, body) => {
          expect((await post(path, body)).status).toBeLessThan(500);
        },
      ),
      { numRuns: 300, seed: 17 },
    );
  });
});
