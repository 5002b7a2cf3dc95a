/**
 * One test for each row of the table "Where the settings went" in docs/moving-over.md: what a user of
 * django-rest-passwordreset configured there can be configured here, and does what it did.
 */
import Database from "better-sqlite3";
import express from "express";
import type { AddressInfo } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { betterSqlite3 } from "../src/connections/better-sqlite3.js";
import { resetMiddleware } from "../src/adapters/express.js";
import { createHandler, type HandlerOptions } from "../src/http/handler.js";
import { migrate, sqlStore } from "../src/stores/sql.js";
import { randomNumber, randomString } from "../src/tokens/generators.js";
import { storedTokens } from "../src/tokens/stored.js";
import type { PasswordReset } from "../src/types.js";
import { goodPassword, makeKit, people } from "./kit.js";

const email = "ada@example.com";
const hour = 3_600_000;

/** Posts JSON through a handler; gives status and body. */
function caller(reset: PasswordReset, options: HandlerOptions = {}, ip = "192.0.2.1") {
  const handler = createHandler(reset, options);
  return async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const request = new Request(`http://localhost/api/password_reset${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const response = await handler(request, { ip });
    return { status: response.status, body: await response.json(), headers: response.headers };
  };
}

describe("what was a setting there", () => {
  it("reset_password_token_created: deliver gets the token, and the event tokenCreated tells that there is one", async () => {
    const kit = makeKit();
    const created = vi.fn();
    kit.reset.on("tokenCreated", created);
    const { token } = await kit.ask(email);
    expect(token).toHaveLength(43);
    expect(created).toHaveBeenCalledWith({
      user: expect.objectContaining({ email }),
      userId: 1,
      expiresAt: new Date(kit.clock.now + 24 * hour),
      request: { ip: undefined, userAgent: undefined, data: undefined },
    });
    expect(JSON.stringify(created.mock.calls)).not.toContain(token);
  });

  it("pre_password_reset and post_password_reset: beforeReset and afterReset, with the password set in between", async () => {
    const kit = makeKit();
    const { token } = await kit.ask(email);
    const seen: [string, string][] = [];
    kit.reset.on("beforeReset", () => void seen.push(["before", kit.passwordOf(1)]));
    kit.reset.on("afterReset", () => void seen.push(["after", kit.passwordOf(1)]));
    await kit.reset.confirm({ token, password: goodPassword });
    expect(seen).toEqual([
      ["before", "old-Passw0rd!"],
      ["after", goodPassword],
    ]);
  });

  it("…RESET_TOKEN_EXPIRY_TIME: lifetime, 24 hours by default, fractions and functions of the user too", async () => {
    for (const [lifetime, hours] of [
      [undefined, 24],
      ["1.5h", 1.5],
      [() => "30m", 0.5],
    ] as const) {
      const kit = makeKit({ ...(lifetime && { lifetime }) });
      const { token } = await kit.ask(email);
      kit.clock.now += hours * hour - 1;
      expect(await kit.reset.validate({ token })).toBe(true);
      kit.clock.now += 1;
      expect(await kit.reset.validate({ token })).toBe(false);
    }
  });

  it("…NO_INFORMATION_LEAKAGE = False: revealUnknown, with a warning at start", async () => {
    const kit = makeKit({ revealUnknown: true });
    expect(kit.log.lines.join()).toMatch(/warn: revealUnknown .* Leave it out/);
    const post = caller(kit.reset);
    expect(await post("/", { email: "nobody@example.com" })).toMatchObject({
      status: 400,
      body: { email: [expect.any(String)] },
    });
    expect(await post("/", { email })).toMatchObject({ status: 200 });
  });

  it("…REQUIRE_USABLE_PASSWORD and eligible_for_reset(): users.mayReset, on request and on confirm", async () => {
    const accounts = people(email, "sso@example.com");
    accounts.users.mayReset = (user) => user.email !== "sso@example.com" && user.active;
    const kit = makeKit({}, accounts);
    await expect(kit.ask("sso@example.com")).rejects.toThrow("no mail came");
    const { token } = await kit.ask(email);
    accounts.users.mayReset = () => false;
    await expect(kit.reset.confirm({ token, password: goodPassword })).rejects.toMatchObject({
      code: "invalid_token",
    });
  });

  it("DJANGO_REST_LOOKUP_FIELD: one's own query, and the name and form of the field", async () => {
    const accounts = people(email);
    accounts.users.findByIdentifier = (name) => (name === "ada" ? accounts.byId.get(1) : null);
    accounts.users.identifierOf = () => "ada";
    const kit = makeKit({}, accounts);
    const post = caller(kit.reset, { field: "username", format: "text" });
    expect((await post("/", { username: "ada" })).status).toBe(200);
    expect((await post("/", { email })).body).toEqual({ username: [expect.any(String)] });
    await kit.reset.drain();
    expect(kit.mails.map((mail) => mail.address)).toEqual([email]);
  });

  it("…IP_ADDRESS_HEADER and …HTTP_USER_AGENT_HEADER: from a proxy that trustProxy names", async () => {
    const kit = makeKit();
    const handler = createHandler(kit.reset, {
      ipHeader: "x-forwarded-for",
      userAgentHeader: "x-device",
      trustProxy: ["10.0.0.0/8"],
    });
    const headers = new Map([
      ["content-type", "application/json"],
      ["x-forwarded-for", "203.0.113.5, 10.0.0.1"],
      ["x-device", "kiosk"],
    ]);
    await handler.plain({
      method: "POST",
      path: "/api/password_reset/",
      query: "",
      ip: "10.0.0.9",
      header: (name) => headers.get(name),
      body: () => ({ kind: "bytes", bytes: Buffer.from(JSON.stringify({ email })) }),
    });
    await kit.reset.drain();
    expect(kit.mails[0]!.request).toMatchObject({ ip: "203.0.113.5", userAgent: "kiosk" });
  });

  it("…USER_DETAILS_ON_VALIDATION: validateReveals, off by default", async () => {
    const quiet = makeKit();
    expect(
      (await caller(quiet.reset)("/validate_token/", { token: (await quiet.ask(email)).token })).body,
    ).toEqual({ status: "OK" });
    const kit = makeKit({ validateReveals: (user) => ({ username: "ada", email: user.email }) });
    const { token } = await kit.ask(email);
    const { body } = await caller(kit.reset)("/validate_token/", { token });
    expect(JSON.stringify(body)).toBe(`{"status":"OK","username":"ada","email":"${email}"}`);
  });

  it("…TOKEN_CONFIG: the same generators with the same options, or one's own", async () => {
    const seeds = [
      [randomString({ minLength: 20, maxLength: 30 }), /^[0-9a-f]{20,30}$/],
      [randomNumber({ min: 10_000, max: 99_999 }), /^[1-9]\d{4}$/],
      [{ bits: 128, generate: () => "made-by-a-class-of-our-own-0001" }, /^made-by/],
    ] as const;
    for (const [generator, form] of seeds) {
      const kit = makeKit({ tokens: storedTokens({ generator, bound: false }) });
      const { token } = await kit.ask(email);
      expect(token).toMatch(form);
      const typed = /^\d+$/.test(token) ? Number(token) : token;
      const answer = await caller(kit.reset)("/confirm/", { token: typed, password: goodPassword });
      expect(answer).toMatchObject({ status: 200, body: { status: "OK" } });
    }
  });

  it("…THROTTLE_CLASSES and the scopes: throttles by stage, an object of one's own, or none", async () => {
    const usual = caller(makeKit({ throttles: undefined }).reset);
    for (let n = 0; n < 3; n++) expect((await usual("/", { email })).status).toBe(200);
    const fourth = await usual("/", { email });
    expect([fourth.status, fourth.headers.get("retry-after")]).toEqual([429, "86400"]);
    expect((await usual("/validate_token/", { token: "x" })).status).toBe(404);

    const own = caller(makeKit({ throttles: { validate: [{ take: () => ({ retryAfter: 7 }) }] } }).reset);
    expect((await own("/validate_token/", { token: "x" })).headers.get("retry-after")).toBe("7");
    const none = caller(makeKit({ throttles: false }).reset);
    for (let n = 0; n < 9; n++) expect((await none("/", { email })).status).toBe(200);
  });

  it("clearresetpasswodtokens, and the clean-up at each request: clearExpired, never in a request", async () => {
    const db = new Database(":memory:");
    const connection = betterSqlite3(db);
    await migrate(connection);
    const store = sqlStore(connection);
    const kit = makeKit({ store });
    await kit.ask(email);
    kit.clock.now += 25 * hour;
    await kit.reset.request({ identifier: "nobody@example.com" });
    expect(await store.tokens.list({ limit: 9 })).toHaveLength(1);
    // The token, and the windows of two counters.
    expect((await kit.reset.clearExpired()).removed).toBe(3);
    expect(await store.tokens.list({ limit: 9 })).toHaveLength(0);
    db.close();
  });

  it("the admin's list of tokens: account, times, IP and agent of each, and no token to show", async () => {
    const db = new Database(":memory:");
    const connection = betterSqlite3(db);
    await migrate(connection);
    const store = sqlStore(connection);
    const kit = makeKit({ store });
    await kit.reset.request({ identifier: email }, { ip: "192.0.2.7", userAgent: "Mozilla" });
    await kit.reset.drain();
    const rows = await store.tokens.list({ limit: 9 });
    expect(rows).toMatchObject([
      { userId: 1, createdAt: kit.clock.now, ip: "192.0.2.7", userAgent: "Mozilla" },
    ]);
    expect(JSON.stringify(rows)).not.toContain((kit.mails[0] as { token: string }).token);
    await kit.reset.revoke(kit.byId.get(1)!);
    expect(await store.tokens.list({ limit: 9 })).toEqual([]);
    db.close();
  });

  it("the router helper and three view sets: all of them, or one, at any path", async () => {
    const kit = makeKit();
    const { token } = await kit.ask(email);
    const app = express()
      .use("/accounts/reset", resetMiddleware(kit.reset))
      .use("/only", resetMiddleware(kit.reset, { only: ["validate"] }));
    const server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const status = async (path: string) => {
      const headers = { "content-type": "application/json" };
      return (await fetch(base + path, { method: "POST", headers, body: JSON.stringify({ token, email }) }))
        .status;
    };
    expect(await status("/accounts/reset/validate_token/")).toBe(200);
    expect(await status("/accounts/reset/")).toBe(200);
    expect(await status("/only/validate_token")).toBe(200);
    expect(await status("/only/confirm/")).toBe(404);
    await new Promise((resolve) => server.close(resolve));
  });

  it("migrations, and the index on the time: migrate(connection), which may run as often as one likes", async () => {
    const db = new Database(":memory:");
    const connection = betterSqlite3(db);
    await migrate(connection);
    await migrate(connection);
    const indexes = db
      .prepare("select sql from sqlite_master where type = 'index' and sql is not null")
      .pluck()
      .all();
    expect(indexes.join("\n")).toMatch(/expires_at/);
    db.close();
  });
});
