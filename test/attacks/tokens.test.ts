import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createHandler } from "resetkit/http";
import { htmlPages } from "resetkit/pages";
import { memoryStore } from "resetkit/stores/memory";
import { randomNumber } from "resetkit/tokens/generators";
import { signedTokens } from "resetkit/tokens/signed";
import { storedTokens } from "resetkit/tokens/stored";
import type { Store } from "resetkit/types";
import { goodPassword, makeKit, people } from "../kit.js";
import { browse } from "../pages/browse.js";

// A token is good in one spelling, for one account, purpose, and time, and what began before a change ends with it.

const email = "ada@example.com";
const kinds = [
  ["stored", () => ({})],
  ["signed", () => ({ tokens: signedTokens({ ids: "integer" }) })],
] as const;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "ok",
    ({ code }: { code: string }) => code,
  );

describe.each(kinds)("a %s token", (_, options) => {
  it("A24, A94, A98: is refused in every other spelling, cut, or padded", async () => {
    const { reset, ask } = makeKit(options());
    const { token } = await ask(email);
    const spellings = [
      token.toUpperCase(),
      token.toLowerCase(),
      `${token} x`,
      `${token}=`,
      `${token}\u0000`,
      `${token}%`,
      token.replace(/.$/, "_"),
      token.replace(/.$/, "%"),
      token.slice(1),
      token.slice(0, -1),
      `${token.slice(0, 20)}\u0301${token.slice(20)}`,
      token.replace(/[A-Za-z]/, (c) => String.fromCodePoint(c.codePointAt(0)! + 0xfee0)),
      ...Array.from({ length: token.length }, (_, n) => token.slice(0, n)).filter((part) => part !== ""),
    ].filter((text) => text !== token);
    for (const text of spellings) expect(await reset.validate({ token: text }), text).toBe(false);
    expect(await reset.validate({ token })).toBe(true);
  });

  it("A15: isn't found by guessing, and failures are limited", async () => {
    const { reset } = makeKit({ ...options(), throttles: "fair" });
    const ends = [];
    for (let n = 0; n < 200; n++) {
      ends.push(
        await codeOf(
          reset.confirm({ token: `${n}`.padStart(43, "a"), password: goodPassword }, { ip: "192.0.2.1" }),
        ),
      );
    }
    expect(new Set(ends)).toEqual(new Set(["invalid_token", "throttled"]));
    expect(ends.filter((end) => end === "invalid_token")).toHaveLength(30);
  });

  it.each<[string, (byId: ReturnType<typeof people>["byId"]) => void]>([
    [
      "A104: the email address changes (CVE-2026-32700)",
      (byId) => void (byId.get(1)!.email = "new@example.com"),
    ],
    ["A105: the account is deactivated", (byId) => void (byId.get(1)!.active = false)],
    ["A104: the password changes elsewhere", (byId) => void (byId.get(1)!.passwordHash = "#9#other")],
    [
      "A106: the id goes to a new account with the same address",
      (byId) => void byId.set(1, { ...byId.get(1)!, passwordHash: "#1#theirs" }),
    ],
  ])("dies when %s", async (_, change) => {
    const { reset, ask, byId } = makeKit(options());
    const { token } = await ask(email);
    change(byId);
    expect(await codeOf(reset.confirm({ token, password: goodPassword }))).toBe("invalid_token");
    expect(byId.get(1)!.passwordHash).not.toContain(goodPassword);
  });

  it("A34: is refused after its use, in another browser too", async () => {
    const { reset, ask } = makeKit(options());
    const { token } = await ask(email);
    const handler = htmlPages(reset, { baseUrl: "https://app.example.com" });
    const [one, other] = [browse(handler), browse(handler)];
    const forms = [];
    for (const browser of [one, other]) {
      const moved = await browser.get(`/reset-password/${token}`);
      forms.push(await browser.get(moved.location!));
    }
    const done = await one.submit(forms[0]!, { password: goodPassword, repeat: goodPassword });
    expect(done.location).toBe("/reset-password/done");
    const late = await other.submit(forms[1]!, { password: "another quay 7", repeat: "another quay 7" });
    expect(late.location ?? "").not.toBe("/reset-password/done");
    expect(await codeOf(reset.confirm({ token, password: "another quay 7" }))).toBe("invalid_token");
  });

  it("A31: of two links that are confirmed at once, one wins", async () => {
    const { reset, ask, passwordOf } = makeKit(options());
    const links = [(await ask(email)).token, (await ask(email)).token];
    const ends = await Promise.all(
      links.flatMap((token, i) =>
        [0, 1, 2].map((n) => codeOf(reset.confirm({ token, password: `thunder quay ${i} ${n}` }))),
      ),
    );
    expect(ends.filter((end) => end === "ok")).toHaveLength(1);
    expect(ends.filter((end) => end === "invalid_token")).toHaveLength(5);
    const [i, n] = [Math.floor(ends.indexOf("ok") / 3), ends.indexOf("ok") % 3];
    expect(passwordOf(1)).toBe(`thunder quay ${i} ${n}`);
  });

  it("A35: stays dead if the store forgets that it was used", async () => {
    const store = memoryStore();
    const { reset, ask, clock } = makeKit({ ...options(), store });
    const { token } = await ask(email);
    const rows = await store.tokens.list({ limit: 10 });
    await reset.confirm({ token, password: goodPassword });
    for (const row of rows) {
      await store.tokens.put(row, { now: clock.now, maxLive: 3, pendingFor: 1, quietFor: 1 });
    }
    expect(await store.tokens.list({ limit: 10 })).toHaveLength(rows.length);
    expect(await codeOf(reset.confirm({ token, password: "another quay 7" }))).toBe("invalid_token");
  });
});

describe("what is sent besides a token", () => {
  it("A18: a code without its identifier, or with another account's, is refused", async () => {
    const { reset, ask } = makeKit(
      { tokens: storedTokens({ generator: randomNumber() }) },
      people(email, "grace@example.com"),
    );
    const { code } = (await ask(email)) as { code?: string };
    expect(await reset.validate({ token: code! })).toBe(false);
    expect(await reset.validate({ token: code!, identifier: "grace@example.com" })).toBe(false);
    expect(await reset.validate({ token: code!, identifier: email })).toBe(true);
  });

  it("A39: the pages set no password without the token's cookie, and the API none with the cookie alone (CVE-2026-18963)", async () => {
    const { reset, ask, passwordOf, log } = makeKit();
    const { token } = await ask(email);
    const before = passwordOf(1);
    const browser = browse(htmlPages(reset, { baseUrl: "https://app.example.com", log }));
    const moved = await browser.get(`/reset-password/${token}`);
    const form = await browser.get(moved.location!);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const api = createHandler(reset, { log });
    const headers = { "content-type": "application/json", cookie };
    const body = JSON.stringify({ password: goodPassword });
    const url = "https://app.example.com/api/password_reset/confirm/";
    expect((await api(new Request(url, { method: "POST", headers, body }))).status).toBe(400);
    browser.cookies.clear();
    expect((await browser.submit(form, { password: goodPassword, repeat: goodPassword })).location).toBe(
      null,
    );
    expect(passwordOf(1)).toBe(before);
  });

  it("A32: 64 requests at once bring no more emails than one account may have", async () => {
    const store = memoryStore();
    const { reset, mails } = makeKit({ store });
    await Promise.all(Array.from({ length: 64 }, () => reset.request({ identifier: email })));
    await reset.drain();
    expect(mails.length).toBeLessThanOrEqual(3);
    expect((await store.tokens.list({ limit: 99 })).length).toBeLessThanOrEqual(3);
  });

  it("A54, A57: someone who keeps asking neither floods the mailbox nor ends a link that the owner has", async () => {
    const { reset, mails, clock, ask } = makeKit({ lifetime: "24h" });
    const { token } = await ask(email);
    for (let n = 0; n < 20 * 12; n++) {
      await reset.request({ identifier: email }, { ip: `192.0.2.${n % 250}` });
      await reset.drain();
      // A newer link replaces the oldest after an hour, and not before.
      if (n === 10) expect(await reset.validate({ token })).toBe(true);
      clock.now += 300_000;
    }
    expect(mails.length).toBeLessThanOrEqual(12);
    const links = mails.map((mail) => (mail as { token: string }).token);
    const valid = await Promise.all(links.map((link) => reset.validate({ token: link })));
    expect(valid.filter(Boolean).length).toBeGreaterThan(0);
  });

  it("A59: requests for unknown accounts don't keep an owner's email waiting for long", async () => {
    const { reset, mails, users } = makeKit();
    let lookups = 0;
    const find = users.findByIdentifier;
    users.findByIdentifier = (typed, context) => (lookups++, find(typed, context));
    for (let n = 0; n < 400; n++)
      await reset.request({ identifier: `x${n}@example.com` }, { ip: `198.51.100.${n % 250}` });
    await reset.request({ identifier: email });
    await reset.drain();
    expect(mails).toHaveLength(1);
    expect(lookups).toBeLessThan(2_000);
  });

  it("A60: an outage is a 503 for everyone, and uses up no one's allowance", async () => {
    const good = memoryStore();
    let down = false;
    const failing = <T extends object>(part: T): T =>
      new Proxy(part, {
        get: (target, name) => {
          const value = Reflect.get(target, name) as unknown;
          if (typeof value !== "function") return value;
          return (...args: unknown[]) => {
            if (down) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
            return (value as (...args: unknown[]) => unknown).apply(target, args);
          };
        },
      });
    const store: Store = { ...good, queue: failing(good.queue!), tokens: failing(good.tokens) };
    const { reset, ask } = makeKit({ store, throttles: undefined as never });
    const { token } = await ask(email);
    down = true;
    const ip = "192.0.2.7";
    for (let n = 0; n < 40; n++) {
      expect(await codeOf(reset.request({ identifier: n % 2 ? email : "nobody@example.com" }, { ip }))).toBe(
        "unavailable",
      );
      expect(
        await codeOf(
          reset.confirm({ token: n % 2 ? token : "x".repeat(43), password: goodPassword }, { ip }),
        ),
      ).toBe("unavailable");
    }
    down = false;
    for (let n = 0; n < 3; n++) expect(await codeOf(reset.request({ identifier: email }, { ip }))).toBe("ok");
    expect(await codeOf(reset.request({ identifier: email }, { ip }))).toBe("throttled");
    expect(await codeOf(reset.confirm({ token, password: goodPassword }, { ip }))).toBe("ok");
  });

  it("X10: entries that were done or dropped and are put back into the queue send nothing and end no session again", async () => {
    const store = memoryStore();
    const kept: unknown[][] = [];
    const add = store.queue!.add.bind(store.queue);
    const queue = Object.assign(Object.create(store.queue!) as NonNullable<Store["queue"]>, {
      add: (...args: Parameters<typeof add>) => (kept.push(args), add(...args)),
    });
    const { reset, ask, mails, byId, clock } = makeKit({ store: { ...store, queue } });
    const { token } = await ask(email);
    await reset.confirm({ token, password: goodPassword });
    await reset.drain();
    const before = mails.length;
    byId.get(1)!.sessions = 2;
    clock.now += 3 * 3_600_000;
    expect(kept.map(([entry]) => (entry as { kind?: string }).kind)).toContain("finish");
    for (const args of kept) await add(...(args as Parameters<typeof add>));
    await reset.drain();
    expect(byId.get(1)!.sessions).toBe(2);
    expect(mails.slice(before).filter(({ kind }) => kind === "reset")).toEqual([]);
  });

  it("X17: with `users.lock`, a confirm by code and one by link both end", async () => {
    const accounts = people(email);
    const find = accounts.users.findById;
    accounts.users.lock = (id, context) => find(id, context);
    for (const by of ["code", "link"] as const) {
      const kit = makeKit({ tokens: storedTokens({ generator: randomNumber() }) }, accounts);
      const mail = (await kit.ask(email)) as { code?: string; token: string };
      const token = by === "code" ? mail.code! : mail.token;
      const password = `thunder quay by ${by}`;
      await kit.reset.confirm({ token, identifier: email, password });
      expect(kit.passwordOf(1)).toBe(password);
      // And so does every request after it.
      expect(await kit.reset.validate({ token, identifier: email })).toBe(false);
    }
  });

  it("A22: no randomness comes from Math.random, and no token text goes through a lenient decoder (CVE-2021-29023)", () => {
    const root = new URL("../../src/", import.meta.url);
    const sources = readdirSync(root, { recursive: true }).filter((file) => String(file).endsWith(".ts"));
    const using = (pattern: RegExp) =>
      sources.filter((file) =>
        pattern.test(
          readFileSync(new URL(String(file), root), "utf8").replace(/\/\/.*|\/\*[\s\S]*?\*\//g, ""),
        ),
      );
    expect(using(/Math\.random/)).toEqual([]);
    expect(using(/Buffer\.from\([^)]*"(?:hex|base64)/)).toEqual([]);
    // Control: the search finds what is there.
    expect(using(/randomBytes|getRandomValues/).length).toBeGreaterThan(0);
  });
});
