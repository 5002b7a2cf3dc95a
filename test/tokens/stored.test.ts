import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { memoryStore } from "../../src/stores/memory.js";
import { randomNumber, randomString } from "../../src/tokens/generators.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { TokenRow } from "../../src/types.js";
import { goodPassword, makeKit, people } from "../kit.js";

describe("a stored token", () => {
  it("leaves nothing in its row that gives it back", async () => {
    const store = memoryStore();
    const { token } = await makeKit({ store }).ask("ada@example.com");
    const [row] = await store.tokens.list({ limit: 1 });
    const dump = JSON.stringify(row, (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
    );
    for (const form of [
      token,
      Buffer.from(token).toString("hex"),
      Buffer.from(token, "base64url").toString("hex"),
      createHash("sha256").update(token).digest("hex"),
    ]) {
      expect(dump).not.toContain(form);
      expect(dump).not.toContain(form.slice(0, 16));
    }
    expect([row!.lookup.length, row!.proof.length]).toEqual([16, 32]);
  });

  const edits: [string, (row: TokenRow) => TokenRow][] = [
    ["moved to another account", (row) => ({ ...row, userId: 2 })],
    ["prolonged", (row) => ({ ...row, expiresAt: row.expiresAt + 86_400_000 })],
    [
      "given another proof",
      (row) => ({ ...row, proof: row.proof.map((byte, at) => (at === 31 ? byte ^ 1 : byte)) }),
    ],
    ["moved to another scope", (row) => ({ ...row, scope: "elsewhere" })],
  ];
  it.each(edits)("is dead once its row is %s", async (_, edit) => {
    const store = memoryStore();
    const kit = makeKit({ store }, people("ada@example.com", "grace@example.com"));
    const { token } = await kit.ask("ada@example.com");
    const [row] = await store.tokens.list({ limit: 1 });
    await store.tokens.finish(row!.lookup);
    await store.tokens.put(edit(row!), { now: kit.clock.now, maxLive: 3, pendingFor: 1, quietFor: 1 });
    for (const scope of [undefined, "elsewhere"])
      expect(await kit.reset.validate({ token }, { scope })).toBe(false);
  });

  it("is still good when its row is put back as it was (control)", async () => {
    const store = memoryStore();
    const kit = makeKit({ store });
    const { token } = await kit.ask("ada@example.com");
    const [row] = await store.tokens.list({ limit: 1 });
    await store.tokens.finish(row!.lookup);
    expect(await kit.reset.validate({ token })).toBe(false);
    await store.tokens.put(row!, { now: kit.clock.now, maxLive: 3, pendingFor: 1, quietFor: 1 });
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("may come from any object with bits and generate()", async () => {
    let count = 0;
    const generator = { bits: 128, generate: async () => `token-number-${++count}-0123456789abcdef` };
    const kit = makeKit({ tokens: storedTokens({ generator }) });
    expect((await kit.ask("ada@example.com")).token).toBe("token-number-1-0123456789abcdef");
  });

  it("is drawn again where it is taken", async () => {
    const texts = ["same-token", "same-token", "other-token"];
    const generator = { bits: 128, generate: () => texts.shift()! };
    const kit = makeKit({ tokens: storedTokens({ generator }) });
    expect((await kit.ask("ada@example.com")).token).toBe("same-token");
    expect((await kit.ask("ada@example.com")).token).toBe("other-token");
  });

  it.each([
    [{ generator: {} }, "give a function that makes a text"],
    [{ generator: { generate: () => "x" } }, "say how much entropy every text has at least"],
    [{ generatr: 1 }, 'write "generator"'],
    [{ codeLifetime: "soon" }, "storedTokens({ codeLifetime })"],
  ])("refuses %j", (options, sentence) => {
    expect(() => storedTokens(options as any)).toThrow(sentence);
  });

  it("needs a store", () => {
    expect(() => makeKit({ store: undefined as any })).toThrow("pass a store, or use signedTokens()");
  });
});

describe("a code", () => {
  const email = "ada@example.com";
  const coded = () =>
    makeKit(
      { tokens: storedTokens({ generator: randomNumber({ digits: 8 }) }) },
      people(email, "grace@example.com"),
    );

  it("goes out beside a link, and is good with its identifier alone", async () => {
    const kit = coded();
    const { token, code } = await kit.ask(email);
    expect(code).toMatch(/^[1-9]\d{7}$/);
    expect(token).toHaveLength(43);
    expect(await kit.reset.validate({ token: code! })).toBe(false);
    expect(await kit.reset.validate({ token: code!, identifier: "grace@example.com" })).toBe(false);
    expect(await kit.reset.validate({ token: code!, identifier: "ADA@example.com" })).toBe(true);
    await kit.reset.confirm({ token: code!, identifier: email, password: goodPassword });
    expect(await kit.reset.validate({ token })).toBe(false);
  });

  it("lives ten minutes, its link a day", async () => {
    const kit = coded();
    const { token, code } = await kit.ask(email);
    kit.clock.now += 599_999;
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(true);
    kit.clock.now += 1;
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(false);
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("has five tries, on validate and confirm together, which asking again does not refill; the link works on", async () => {
    const kit = coded();
    const { token, code } = await kit.ask(email);
    const wrong = code === "11111111" ? "22222222" : "11111111";
    for (let n = 0; n < 3; n++)
      expect(await kit.reset.validate({ token: wrong, identifier: email })).toBe(false);
    for (let n = 0; n < 2; n++) {
      await expect(
        kit.reset.confirm({ token: wrong, identifier: email, password: goodPassword }),
      ).rejects.toMatchObject({ code: "invalid_token" });
    }
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(false);
    const again = await kit.ask(email);
    expect(await kit.reset.validate({ token: again.code!, identifier: email })).toBe(false);
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("lets at most five of 200 simultaneous guesses be looked at", async () => {
    const store = memoryStore();
    let looked = 0;
    const find = store.tokens.find.bind(store.tokens);
    const tokens = { ...store.tokens, find: (lookup: Uint8Array) => (looked++, find(lookup)) };
    const kit = makeKit({ store: { ...store, tokens }, tokens: storedTokens({ generator: randomNumber() }) });
    await kit.ask(email);
    const guess = (n: number) => kit.reset.validate({ token: String(10_000_000 + n), identifier: email });
    await Promise.all(Array.from({ length: 200 }, (_, n) => guess(n)));
    // Each guess is first looked for as a link, which costs nobody anything; only codes count.
    expect(looked - 200).toBe(5);
  });

  it("does not let successes use tries up", async () => {
    const kit = coded();
    const { code } = await kit.ask(email);
    for (let n = 0; n < 20; n++)
      expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(true);
  });

  it("is charged alike for known and unknown identifiers", async () => {
    const store = memoryStore();
    const keys: string[] = [];
    const hit = store.counters.hit.bind(store.counters);
    const counters = {
      ...store.counters,
      hit: (key: string, window: any) => (keys.push(key), hit(key, window)),
    };
    const kit = makeKit({
      store: { ...store, counters },
      tokens: storedTokens({ generator: randomNumber() }),
    });
    await kit.ask(email);
    await kit.reset.validate({ token: "11111111", identifier: email });
    const known = keys.splice(0).length;
    await kit.reset.validate({ token: "11111111", identifier: "nobody@example.com" });
    expect(keys.length).toBe(known);
  });

  it("is off after a hundred failures in a row, however long they take, until a reset by link", async () => {
    const kit = coded();
    for (let n = 0; n < 20; n++) {
      await kit.ask(email).catch(() => undefined);
      for (let guess = 0; guess < 5; guess++) await kit.reset.validate({ token: "1", identifier: email });
      kit.clock.now += 3_600_001;
    }
    const late = await kit.ask(email);
    expect(await kit.reset.validate({ token: late.code!, identifier: email })).toBe(false);
    expect(await kit.reset.validate({ token: late.token })).toBe(true);
    await kit.reset.confirm({ token: late.token, password: goodPassword });
    kit.clock.now += 3_600_001;
    const after = await kit.ask(email);
    expect(await kit.reset.validate({ token: after.code!, identifier: email })).toBe(true);
  });

  it("says at start what it risks", async () => {
    const kit = makeKit({ tokens: storedTokens({ generator: randomNumber() }) });
    await vi.waitFor(() => expect(kit.log.lines.length).toBeGreaterThan(0));
    expect(kit.log.lines.join()).toMatch(
      /info: Codes have 26\.4 bits.*0\.011 takeovers are to be expected per million guesses/,
    );
  });

  it("of fewer than six digits is refused", () => {
    const five = storedTokens({ generator: randomNumber({ min: 10_000, max: 99_999 }) });
    expect(() => makeKit({ tokens: five })).toThrow(/guessed too easily: use six digits or more/);
  });

  it("can be the seed's: looked up across accounts, with the risk told", async () => {
    const kit = makeKit({
      tokens: storedTokens({ generator: randomNumber({ min: 10_000, max: 99_999 }), bound: false }),
    });
    await vi.waitFor(() => expect(kit.log.lines.length).toBeGreaterThan(0));
    expect(kit.log.lines.join()).toMatch(
      /warn: .*16\.5 bits \(about 90,000 values\).*one in about 900 guesses/,
    );
    const { token, code } = await kit.ask("ada@example.com");
    expect([token.length, code]).toEqual([5, undefined]);
    await kit.reset.confirm({ token, password: goodPassword });
  });

  it("can be text for people", async () => {
    const kit = makeKit({
      tokens: storedTokens({ generator: randomString({ length: 8, alphabet: "crockford" }) }),
    });
    const { code } = await kit.ask(email);
    const typed = `${code!.slice(0, 4).toLowerCase()}-${code!.slice(4)}`;
    expect(await kit.reset.validate({ token: typed, identifier: email })).toBe(true);
  });
});
