/** What the check says about secrets, links, and proxies. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checkProxy, checkSecrets, checkUrl, repeatWarnings } from "../../../src/engine/check/settings.js";
import { memoryStore } from "../../../src/stores/memory.js";
import { people, platforms, secret } from "../../kit.js";
import { randomSecret } from "./sound.js";

beforeEach(() => {
  for (const name of platforms) vi.stubEnv(name, "");
});
afterEach(() => void vi.unstubAllEnvs());

describe("the check of secrets", () => {
  it.each([
    ["my-Super-SECRET-for-2026-and-later", "contains a word from tutorials"],
    ["x7Qa-0123456-z8Lm-Kw3-Rt5-Yb9-Nc2", "contains a sequence"],
    ["the quick brown fox jumps over a lazy dog", "is made of words"],
  ])("says of %j that it %s", (given, reason) => {
    const finding = {
      level: "error",
      what: `secret ${reason}, so it can be guessed, and with it every token.`,
      fix: expect.stringContaining("npx resetkit secret"),
    };
    expect(checkSecrets(given)).toEqual([finding]);
    expect(checkSecrets([given])).toEqual([finding]);
  });

  it("names the one of several that is weak", () => {
    expect(checkSecrets([randomSecret, secret]).map(({ what }) => what)).toEqual([
      expect.stringMatching(/^secret\[1\] contains a word/),
    ]);
  });

  it("finds nothing in a random text, or in bytes, which nobody types", () => {
    expect(checkSecrets(randomSecret)).toEqual([]);
    const bytes = new TextEncoder().encode(secret);
    expect(checkSecrets(bytes)).toEqual([]);
    expect(checkSecrets([randomSecret, bytes])).toEqual([]);
    expect(checkSecrets(Buffer.from(bytes))).toEqual([]);
  });
});

it("what was logged at construction is said again, each with its fix", () => {
  const { users } = people();
  const options = { users, secret, url: "https://app.example.com/{token}", deliver: () => undefined };
  const store = { ...memoryStore(), queue: undefined };
  expect(repeatWarnings({ ...options, store: memoryStore() })).toEqual([]);
  expect(repeatWarnings({ ...options, store })).toEqual([
    {
      level: "warning",
      what: expect.stringMatching(/^The store has no queue/),
      fix: "Pass a store with a queue.",
    },
  ]);
});

describe("the check of the link", () => {
  const found = { resolves: async () => true, offersStartTls: async () => true };
  const lost = { ...found, resolves: async () => false };
  const check = (host: string, network?: typeof found) => checkUrl(`https://${host}/{token}`, network);
  const fix = "Set url to the public address of your reset page.";

  it.each([
    ["localhost", "which is each reader's own computer"],
    ["127.0.0.1", "which is each reader's own computer"],
    ["example.com", "which is a placeholder"],
    ["app.example.org", "which is a placeholder"],
  ])("finds %s in production, %s, and asks no network about it", async (host, reason) => {
    expect(await check(host, lost)).toEqual([]);
    vi.stubEnv("NODE_ENV", "production");
    expect(await check(host, lost)).toEqual([
      { level: "error", what: `Links lead to ${host}, ${reason}.`, fix },
    ]);
    expect(await check(host)).toHaveLength(1);
  });

  it.each(["notexample.com", "example.com.test", "example.dev", "reset.test"])(
    "asks the network about %s, if there is one to ask",
    async (host) => {
      for (const environment of ["test", "production"]) {
        vi.stubEnv("NODE_ENV", environment);
        expect(await check(host)).toEqual([]);
        expect(await check(host, found)).toEqual([]);
        expect(await check(host, lost)).toEqual([
          { level: "error", what: `Links lead to ${host}, which has no IP address here.`, fix },
        ]);
      }
    },
  );

  it("can't know where a function leads", async () => {
    expect(await checkUrl(() => "https://reset.test/", lost)).toEqual([]);
  });
});

describe("the check of the proxy", () => {
  const reasonOf = (...handlers: Parameters<typeof checkProxy>[0]) =>
    checkProxy(handlers).map(({ what }) => what.split(", and trustProxy isn't set:")[0]);

  it("finds a handler that was called through one, and doesn't know it", () => {
    expect(checkProxy([{ isForwarded: true }])).toEqual([
      {
        level: "error",
        what: expect.stringMatching(/^A request came through a reverse proxy.*share the proxy's IP address/),
        fix: expect.stringContaining("trustProxy: 1"),
      },
    ]);
    expect(reasonOf({ isForwarded: false }, { trustProxy: 1, isForwarded: true }, {})).toEqual([]);
    expect(reasonOf({ trustProxy: 1 }, { isForwarded: true })).toEqual([
      "A request came through a reverse proxy",
    ]);
  });

  it("finds a handler on a platform that has one, and names the variable", () => {
    vi.stubEnv("RENDER", "true");
    expect(reasonOf()).toEqual([]);
    expect(reasonOf({ trustProxy: 1 })).toEqual([]);
    expect(reasonOf({ isForwarded: false })).toEqual(["RENDER is set, so there is a reverse proxy in front"]);
    expect(reasonOf({ isForwarded: true })).toEqual(["A request came through a reverse proxy"]);
  });
});
