import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../src/stores/memory.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { TokenRow } from "../../src/types.js";
import { makeKit, people } from "../kit.js";

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
