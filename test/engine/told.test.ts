import { describe, expect, it } from "vitest";
import { createHandler } from "../../src/http/handler.js";
import { memoryStore } from "../../src/stores/memory.js";
import { signedTokens } from "../../src/tokens/signed.js";
import { goodPassword, keptLog, makeKit, people } from "../kit.js";

const minute = 60_000;

describe("clocks that differ", () => {
  it("names the clock where a request was queued in the future", async () => {
    const store = memoryStore();
    const worker = makeKit({ store });
    const ahead = makeKit({ store, clock: () => worker.clock.now + 10 * minute });
    await worker.reset.drain();
    expect(worker.log.lines).toEqual([]);
    await ahead.reset.request({ identifier: "ada@example.com" });
    worker.clock.now += 10 * minute;
    await ahead.reset.request({ identifier: "ada@example.com" });
    await worker.reset.drain();
    expect(worker.log.lines.join("\n")).toMatch(
      /warn: .*600 seconds in the future: the clock .* is ahead.*NTP/,
    );
  });

  it("names the clock where a request is too old by this machine's", async () => {
    const store = memoryStore();
    const worker = makeKit({ store });
    const behind = makeKit({ store, clock: () => worker.clock.now - 180 * minute });
    await behind.reset.request({ identifier: "ada@example.com" });
    await worker.reset.drain();
    expect(worker.mails).toEqual([]);
    expect(worker.log.lines.join("\n")).toMatch(/not done within 120 minutes.*clock .* is behind/);
  });

  it("names the clock where the database's shows another time", async () => {
    const store = { ...memoryStore(), time: async () => Date.UTC(2026, 0, 15, 12, 2) };
    const { reset, log } = makeKit({ store });
    const stop = new AbortController();
    const working = reset.work({ signal: stop.signal });
    await expect
      .poll(() => log.lines.join("\n"))
      .toMatch(/warn: This machine's clock is 120 seconds behind.*NTP/);
    stop.abort();
    await working;
  });

  it("names the clock where a signed token comes from the future, and says nothing of a forged one", async () => {
    const made = makeKit({ tokens: signedTokens({ ids: "integer" }) });
    const { token } = await made.ask("ada@example.com");
    const late = made.clock.now - 10 * minute;
    const other = makeKit({ tokens: signedTokens({ ids: "integer" }), clock: () => late }, made);
    const forged = token.slice(0, 8) + [...token.slice(8, 30)].reverse().join("") + token.slice(30);
    expect(await other.reset.validate({ token: forged })).toBe(false);
    expect(other.log.lines).toEqual([]);
    for (let n = 0; n < 2; n++) expect(await other.reset.validate({ token })).toBe(false);
    expect(other.log.lines).toEqual([
      expect.stringMatching(/^warn: A token was rejected.*clock.*ahead.*NTP/),
    ]);
    expect(await made.reset.validate({ token })).toBe(true);
  });
});

describe("what is told once", () => {
  it.each(["hashPassword", "setPassword"] as const)(
    "a long password under bcrypt, hashed by users.%s",
    async (by) => {
      const bcrypt = `$2b$12$${"x".repeat(53)}`;
      const accounts = people("ada@example.com");
      accounts.byId.get(1)!.passwordHash = by === "setPassword" ? bcrypt : "#";
      if (by === "hashPassword") accounts.users.hashPassword = () => bcrypt;
      const kit = makeKit({ maxLive: 9 }, accounts);
      const confirm = async (password: string) => {
        const { token } = await kit.ask("ada@example.com");
        await kit.reset.confirm({ token, password });
      };
      await confirm(`${goodPassword}${"€".repeat(20)}`);
      await confirm(`${goodPassword}${"€".repeat(21)}`);
      expect(kit.log.lines.filter((line) => line.includes("bcrypt"))).toEqual([
        expect.stringMatching(/^warn: A password of more than 72 bytes.*length\(\{ maxBytes: 72 \}\)/),
      ]);
    },
  );

  it("a column of stateOf that isn't there", async () => {
    const accounts = people("ada@example.com");
    accounts.users.stateOf = (user) => [user.passwordHash, (user as any).emailVerified];
    const kit = makeKit({}, accounts);
    for (let n = 0; n < 2; n++) await kit.ask("ada@example.com");
    expect(kit.log.lines).toEqual([
      expect.stringMatching(/^warn: users\.stateOf\(\)\[1\] is undefined.*under the name/),
    ]);
  });

  it("links of more than 72 characters", async () => {
    const lines: string[] = [];
    const log = { ...keptLog(), debug: (message: string) => void lines.push(message) };
    const kit = makeKit({ log });
    for (let n = 0; n < 2; n++) await kit.ask("ada@example.com");
    expect(lines.filter((line) => line.includes("characters"))).toEqual([
      expect.stringMatching(/^Links have \d+ characters.*Shorten url/),
    ]);
    const short = makeKit({
      log: { ...log, debug: (message) => void lines.push(`short ${message}`) },
      url: "https://example.com/reset/{token}",
    });
    await short.ask("ada@example.com");
    expect(lines.join()).not.toContain("short Links");
  });

  it("that Express's own trust proxy isn't read", async () => {
    const log = keptLog();
    const handler = createHandler(makeKit().reset, { log });
    const app = { get: (name: string) => name === "trust proxy" };
    const body = { kind: "parsed" as const, value: { email: "ada@example.com" } };
    await handler.plain({
      method: "POST",
      path: "/api/password_reset/",
      query: "",
      header: (name) => (name === "x-forwarded-for" ? "192.0.2.1" : undefined),
      body: () => body,
      raw: { app },
    });
    expect(log.lines).toEqual([
      expect.stringMatching(/Express's own "trust proxy" isn't read\. .*Set trustProxy/),
    ]);
  });
});

describe("a mail service that asks to wait", () => {
  it("is asked again no sooner, and after an hour at the latest", async () => {
    let attempts = 0;
    const kit = makeKit({
      deliver: () => {
        attempts++;
        throw Object.assign(new Error("429"), { retryAfter: attempts === 1 ? 1_800 : 86_400 });
      },
    });
    await kit.reset.request({ identifier: "ada@example.com" });
    const after = async (minutes: number) => {
      kit.clock.now += minutes * minute;
      await kit.reset.drain();
      return attempts;
    };
    expect([await after(0), await after(29), await after(2)]).toEqual([1, 1, 2]);
    expect([await after(59), await after(2)]).toEqual([2, 3]);
  });

  it("isn't needed: without it, the second attempt follows soon (control)", async () => {
    let attempts = 0;
    const kit = makeKit({ deliver: () => Promise.reject(new Error(`${++attempts}`)) });
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    kit.clock.now += minute;
    await kit.reset.drain();
    expect(attempts).toBe(2);
  });
});

describe("the tenant", () => {
  it("is in every message and every event", async () => {
    const messages: any[] = [];
    const events: any[] = [];
    const kit = makeKit({ deliver: (message) => void messages.push(message), notifyUnknown: true });
    for (const name of [
      "tokenCreated",
      "beforeReset",
      "afterReset",
      "delivered",
      "refused",
      "failed",
    ] as const)
      kit.reset.on(name, (event) => void events.push({ name, ...event }));
    const context = { scope: "acme", ip: "192.0.2.1" };
    for (const identifier of ["ada@example.com", "grace@example.com"]) {
      await kit.reset.request({ identifier }, context);
      await kit.reset.drain();
    }
    await kit.reset.confirm({ token: messages[0].token, password: goodPassword }, context);
    await kit.reset.confirm({ token: "wrong", password: goodPassword }, context).catch(() => undefined);
    await kit.reset.drain();
    expect(messages.map(({ kind, scope }) => [kind, scope])).toEqual([
      ["reset", "acme"],
      ["unknown", "acme"],
      ["changed", "acme"],
    ]);
    const names = new Set(events.map(({ name }) => name));
    expect([...names].sort()).toEqual(["afterReset", "beforeReset", "delivered", "refused", "tokenCreated"]);
    for (const { name, scope, request } of events) {
      expect([name, scope, request.ip]).toEqual([name, "acme", "192.0.2.1"]);
    }
  });

  it("is in a failure, too, and undefined where there are none", async () => {
    const seen: any[] = [];
    for (const scope of ["acme", undefined]) {
      const kit = makeKit({ deliver: () => Promise.reject(new Error("down")) });
      kit.reset.on("failed", (event) => void seen.push(event.scope));
      await kit.reset.request({ identifier: "ada@example.com" }, { scope });
      await kit.reset.drain();
    }
    expect(seen).toEqual(["acme", undefined]);
  });
});
