import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hex } from "../../src/crypto/encoding.js";
import { memoryStore } from "resetkit/stores/memory";
import { storedTokens } from "resetkit/tokens/stored";
import type { TokenRow } from "resetkit/types";
import { makeKit, people } from "../kit.js";
import { accountOf, connect, day, issue, look, macOf, secrets, start } from "./bench.js";

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

  it("is asked as the object that it is: a class of one's own may keep what it needs", async () => {
    class Counting {
      readonly bits = 64;
      #count = 0;
      generate() {
        return `number ${++this.#count}`;
      }
    }
    const kit = makeKit({ tokens: storedTokens({ generator: new Counting() }) });
    const { token, code } = await kit.ask("ada@example.com");
    // From 64 bits on it is a token, and needs no account beside it.
    expect([token, code]).toEqual(["number 1", undefined]);
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("that nobody could type is refused, and so is a code that is too easy to guess, at construction", async () => {
    const kit = makeKit({ tokens: storedTokens({ generator: { bits: 128, generate: () => 42 as any } }) });
    await expect(kit.reset.issueFor(kit.byId.get(1)!, { wait: true })).rejects.toThrow(
      "storedTokens({ generator }).generate must return a string. Return the code as a string",
    );
    expect(() => storedTokens({ generator: { bits: 16, generate: () => "12345" } })).toThrow(
      "Use six digits or more",
    );
  });

  it("is read as its generator reads what people type, also where it is bound to no account", async () => {
    const generator = {
      bits: 40,
      generate: () => "ABCD-1234",
      normalize: (typed: string) => typed.replace(/[\s-]/g, "").toUpperCase(),
    };
    const kit = makeKit({ tokens: storedTokens({ generator, bound: false }) });
    const { token } = await kit.ask("ada@example.com");
    expect(token).toBe("ABCD-1234");
    for (const typed of ["ABCD-1234", "abcd 1234", "abcd1234"]) {
      expect(await kit.reset.validate({ token: typed })).toBe(true);
    }
    expect(await kit.reset.validate({ token: "abcd1235" })).toBe(false);
  });

  it("is in its row by keyed hashes: of itself, and of all that it is bound to", async () => {
    const { tokens } = memoryStore();
    const stored = connect(storedTokens(), { tokens });
    const account = accountOf(35, { scope: "acme" });
    const { token, expiresAt } = await issue(stored, account);
    const [row] = await tokens.list({ limit: 1 });
    expect(hex(row!.lookup)).toBe(hex(macOf(secrets[0], "stored/lookup", [token]).subarray(0, 16)));
    const bound = [token, expiresAt, "n:35", "acme", account.address, ...account.state];
    expect(hex(row!.proof)).toBe(hex(macOf(secrets[0], "stored/proof", bound)));
    expect(row).toMatchObject({ userId: 35, scope: "acme", createdAt: start, expiresAt: start + day });
    expect(row).not.toHaveProperty("code");
  });

  it("is drawn again where it is taken", async () => {
    const texts = ["same-token", "same-token", "other-token"];
    const generator = { bits: 128, generate: () => texts.shift()! };
    const kit = makeKit({ tokens: storedTokens({ generator }) });
    expect((await kit.ask("ada@example.com")).token).toBe("same-token");
    expect((await kit.ask("ada@example.com")).token).toBe("other-token");
  });

  it("is drawn twenty times and not once more: a range that is used up is said", async () => {
    let draws = 0;
    const generator = { bits: 128, generate: () => (draws++, "same-token") };
    const stored = connect(storedTokens({ generator }), { tokens: memoryStore().tokens });
    await issue(stored, accountOf(1));
    draws = 0;
    await expect(issue(stored, accountOf(2))).rejects.toThrow(
      "The generator returned 20 tokens in a row that are already in use. Give it a larger range.",
    );
    expect(draws).toBe(20);
    draws = -19;
    const twentieth = { bits: 128, generate: () => (++draws > 0 ? "other-token" : "same-token") };
    const { tokens } = memoryStore();
    await issue(connect(storedTokens({ generator }), { tokens }), accountOf(1));
    draws = -19;
    expect(
      (await issue(connect(storedTokens({ generator: twentieth }), { tokens }), accountOf(2))).token,
    ).toBe("other-token");
  });

  it("makes room at once for an administrator, and after an hour for everybody else", async () => {
    const { tokens } = memoryStore();
    const stored = connect(storedTokens(), { tokens });
    const ask = (force: boolean, now = start) =>
      stored.issue({ account: accountOf(1), now, lifetime: day, request: {}, force });
    for (let n = 0; n < 3; n++) await issue(stored, accountOf(1));
    expect(await ask(false)).toBe("over_cap");
    for (let n = 0; n < 2; n++) {
      const issued = await ask(true);
      if (issued === "over_cap") throw new Error("over the cap");
      await issued.settle(true);
    }
    expect(await ask(false, start + 3_600_000)).toBe("over_cap");
    expect(await ask(false, start + 3_600_001)).not.toBe("over_cap");
  });

  it("of a stand-in is over before it is written, and gone once its mail would have been sent", async () => {
    const { tokens } = memoryStore();
    const stored = connect(storedTokens(), { tokens });
    const order = { account: accountOf(1, { decoy: true }), now: start, lifetime: day, request: {} };
    const issued = await stored.issue(order);
    if (issued === "over_cap") throw new Error("over the cap");
    expect((await tokens.list({ limit: 2 })).map(({ expiresAt }) => expiresAt)).toEqual([start]);
    await issued.settle(true);
    expect(await tokens.list({ limit: 2 })).toEqual([]);
  });

  it("is spent, given back and finished by the one who leased it, and by nobody whose lease has run out", async () => {
    const { tokens } = memoryStore();
    const stored = connect(storedTokens(), { tokens });
    const account = accountOf(1);
    const { token } = await issue(stored, account);
    const claim = async () => (await look(stored, token, account)).claim!;
    const [first, second, third] = [await claim(), await claim(), await claim()];
    expect(await first.spend(start + 1_000, start)).toBe(true);
    expect(await second.spend(start + 1_000, start)).toBe(false);
    // Who has not leased it gives nothing back.
    await second.release();
    expect(await third.spend(start + 1_000, start)).toBe(false);
    expect(await third.spend(start + 9_000, start + 1_000)).toBe(true);
    expect(await first.finish({})).toBe(false);
    await first.release();
    expect(await second.spend(start + 9_000, start + 1_001)).toBe(false);
    expect(await third.finish({})).toBe(true);
    expect((await look(stored, token, account)).claim).toBe(null);
  });

  it("whose lease nobody took is not touched by giving it back", async () => {
    const { tokens } = memoryStore();
    const released: unknown[] = [];
    const release: typeof tokens.release = (...of) => (released.push(of), tokens.release(...of));
    const stored = connect(storedTokens(), { tokens: { ...tokens, release } });
    const { token } = await issue(stored, accountOf(1));
    await (await look(stored, token, accountOf(1))).claim!.release();
    expect(released).toEqual([]);
  });

  it("is never read as a code: there are none", async () => {
    const stored = connect(storedTokens(), { tokens: memoryStore().tokens });
    const accounts = { byId: async () => null, idsOf: () => Promise.reject(new Error("looked up")) };
    const presented = { token: "12345678", identifier: "ada@example.com", scope: "", now: start };
    expect(await stored.verify(presented, accounts)).toBe(null);
  });

  it("is one kind among others, by this name", () => {
    expect(storedTokens().kind).toBe("stored");
  });

  const generate = () => "x";
  it.each<[any, string]>([
    [
      { generator: {} },
      "storedTokens({ generator }).generate is missing: pass a function that returns a string.",
    ],
    [{ generator: null }, "storedTokens({ generator }).generate is missing"],
    [{ generator: class {} }, "storedTokens({ generator }).generate is missing"],
    [
      { generator: { generate } },
      "storedTokens({ generator }).bits is undefined. Set it to the minimum entropy",
    ],
    [
      { generator: { generate, bits: "128" } },
      "storedTokens({ generator }).bits is 128. Set it to the minimum entropy",
    ],
    [{ generator: { generate, bits: 12.9 } }, "in bits (13 to 4096)."],
    [{ generator: { generate, bits: 4097 } }, "in bits (13 to 4096)."],
    [{ generator: { generate, bits: Number.NaN } }, "storedTokens({ generator }).bits is NaN"],
    [{ generatr: 1 }, 'storedTokens() has no option "generatr". Did you mean "generator"?'],
    [{ codeLifetime: "soon" }, "storedTokens({ codeLifetime })"],
    [[], "storedTokens() takes an options object"],
  ])("refuses %j", (options, sentence) => {
    expect(() => storedTokens(options)).toThrow(sentence);
    expect(() => storedTokens(options)).toThrow(TypeError);
  });

  it("takes generators of 13 to 4096 bits, and codes from 19.7 bits on", () => {
    const made = (bits: number, bound: boolean) => () =>
      makeKit({ tokens: storedTokens({ generator: { generate, bits }, bound }) });
    for (const bits of [13, 19.6, 63.9, 64, 4096]) expect(made(bits, false), String(bits)).not.toThrow();
    for (const bits of [19.7, 64, 4096]) expect(made(bits, true), String(bits)).not.toThrow();
    expect(made(19.69, true)).toThrow(
      "A code of 19.7 bits is too easy to guess. Use six digits or more, such as randomNumber({ digits: 8 }).",
    );
  });

  it("needs a store", () => {
    expect(() => makeKit({ store: undefined as any })).toThrow("Pass one, or use signedTokens()");
  });
});
