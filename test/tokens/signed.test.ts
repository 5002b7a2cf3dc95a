import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
import { signedTokens } from "resetkit/tokens/signed";
import type { UserId } from "resetkit/types";
import { goodPassword, makeKit, people } from "../kit.js";
import { accountOf, connect, day, issue, knownToken, look, secrets, start } from "./bench.js";

const hour = 3_600_000;
const epoch = Date.UTC(2024, 0, 1);
const integers = () => connect(signedTokens({ ids: "integer" }));

describe("the text of a signed token", () => {
  it("is version, key, expiry, tag and id, in fixed widths", async () => {
    const signed = integers();
    const { token, expiresAt } = await issue(signed, accountOf(35));
    expect(token).toMatch(/^1[0-9A-Za-z][0-9a-z]{6}[A-Za-z0-9_-]{21}[AQgw]z$/);
    expect(token[1]).toBe(await createKeyring(secrets[0]).id(0));
    expect(epoch + Number.parseInt(token.slice(2, 8), 36) * 1000).toBe(expiresAt);
    expect(expiresAt).toBe(start + day);
  });

  it("has the same form for a stand-in, and its kind a name", async () => {
    const { token } = await issue(connect(signedTokens()), accountOf("ada", { decoy: true }));
    expect(token).toMatch(/^1[0-9A-Za-z][0-9a-z]{6}[A-Za-z0-9_-]{21}[AQgw]0$/);
    expect(signedTokens().kind).toBe("signed");
  });

  it("is this one for this account, secret and time: a known answer", async () => {
    expect((await issue(connect(signedTokens()), accountOf("ada"))).token).toBe(knownToken);
    expect((await look(connect(signedTokens()), knownToken, accountOf("ada"))).claim).not.toBe(null);
  });

  it.each<[Parameters<typeof signedTokens>[0], UserId, string, number]>([
    [{ ids: "integer" }, 1, "1", 57],
    [{ ids: "integer" }, 0, "0", 57],
    [{ ids: "integer" }, 2 ** 31 - 1, "zik0zj", 62],
    [{ ids: "integer" }, 2 ** 53 - 1, "2gosa7pa2gv", 67],
    [{ ids: "integer" }, 2n ** 63n - 1n, "1y2p0ij32e8e7", 69],
    [{ ids: "integer" }, -(2n ** 63n), "-1y2p0ij32e8e8", 70],
    [{ ids: "integer" }, 2n ** 64n - 1n, "3w5e11264sgsf", 69],
    [{ ids: "uuid" }, "0190b5f0-7b1a-7c3e-8f00-00000000002a", "AZC18HsafD6PAAAAAAAAKg", 78],
    [{ ids: "text" }, "ada", "YWRh", 60],
    [{}, "507f1f77bcf86cd799439011", "NTA3ZjFmNzdiY2Y4NmNkNzk5NDM5MDEx", 88],
    [{}, 42, "_16", 59],
    [{}, "x".repeat(64), `${"eHh4".repeat(21)}eA`, 142],
  ])("%j writes the id %s as %s: the link has %i characters", async (options, id, uid, length) => {
    const signed = connect(signedTokens(options));
    const { token } = await issue(signed, accountOf(id));
    expect(token.slice(30)).toBe(uid);
    expect(`https://example.com/reset/${token}`).toHaveLength(length);
    const { claim, asked } = await look(signed, token, accountOf(id));
    expect(claim).not.toBe(null);
    expect(asked).toEqual([id]);
  });

  it("has the lengths that docs/tokens.md says", async () => {
    const page = readFileSync(new URL("../../docs/tokens.md", import.meta.url), "utf8");
    const lines = [...page.matchAll(/^\| (integer|uuid|text) (\S+)(.*?) *\| (\d+) +\| (\d+) +\|$/gm)];
    expect(lines).toHaveLength(10);
    for (const [line, ids, written, remark, token, link] of lines) {
      const id =
        ids === "integer" ? BigInt(written!) : remark!.includes("as a number") ? Number(written) : written!;
      const issued = await issue(connect(signedTokens({ ids: ids as "text" })), accountOf(id));
      expect([issued.token.length, issued.token.length + 26], line).toEqual([Number(token), Number(link)]);
    }
  });

  it.each<[any, any, string]>([
    [{ ids: "integer" }, "ada", "isn't a 64-bit integer"],
    [{ ids: "integer" }, 1.5, "isn't a 64-bit integer"],
    [{ ids: "integer" }, 2 ** 53, "isn't a 64-bit integer"],
    [{ ids: "integer" }, 2n ** 64n, "isn't a 64-bit integer"],
    [{ ids: "integer" }, -(2n ** 63n) - 1n, "isn't a 64-bit integer"],
    [{ ids: "integer" }, "007", "isn't a 64-bit integer"],
    [{ ids: "uuid" }, 5, `isn't a UUID. Set ids: "integer"`],
    [{ ids: "uuid" }, "0190b5f0-7b1a-7c3e-8f00-00000000002", "isn't a UUID"],
    [{ ids: "uuid" }, "0190b5f07-b1a-7c3e-8f00-00000000002a", "isn't a UUID"],
    [{ ids: "text" }, "", "isn't a string of 1 to 64 bytes"],
    [{ ids: "text" }, "é".repeat(33), "isn't a string of 1 to 64 bytes"],
    [{ ids: "text" }, "\ud800", "isn't a string of 1 to 64 bytes"],
    [{ ids: "text" }, new Uint8Array(16), "use storedTokens()"],
    [{ ids: "text" }, undefined, "users.idOf returned nothing, which is"],
  ])("%j refuses the id %s in a sentence with the fix", async (options, id, sentence) => {
    const making = issue(connect(signedTokens(options)), accountOf(id));
    await expect(making).rejects.toThrow(sentence);
    await expect(making).rejects.toBeInstanceOf(TypeError);
  });

  it("takes ids as drivers give them: decimal text, UUIDs without hyphens or in capitals", async () => {
    const signed = integers();
    const { token } = await issue(signed, accountOf("9223372036854775807"));
    expect((await look(signed, token, accountOf("9223372036854775807"))).asked).toEqual([2n ** 63n - 1n]);
    const uuids = connect(signedTokens({ ids: "uuid" }));
    const plain = "0190b5f07b1a7c3e8f0000000000002a";
    const hyphenated = "0190b5f0-7b1a-7c3e-8f00-00000000002a";
    for (const id of [plain, plain.toUpperCase(), hyphenated.toUpperCase()]) {
      const made = await issue(connect(signedTokens({ ids: "uuid" })), accountOf(id));
      const { claim, asked } = await look(uuids, made.token, accountOf(id));
      expect([asked, claim?.account.id]).toEqual([[hyphenated], id]);
    }
  });
});

describe("a signed token", () => {
  it("is looked at before anything is looked up: form, time and key first", async () => {
    const signed = integers();
    const ada = accountOf(35);
    const { token, expiresAt } = await issue(signed, ada);
    const replace = (at: number, by: string) => token.slice(0, at) + by + token.slice(at + by.length);
    const kid = token[1] === "a" ? "b" : "a";
    const hopeless = [
      replace(0, "3"),
      replace(1, kid),
      replace(1, "-"),
      replace(2, "A"),
      replace(2, "zzzzzz"),
      replace(2, "000000"),
      replace(29, "B"),
      replace(8, "!"),
      `${token.slice(0, 30)}01`,
      `${token.slice(0, 30)}-0`,
      `${token.slice(0, 30)}Z`,
      `${token.slice(0, 30)}_`,
      `${token.slice(0, 30)}3w5e11264sgsg`,
      `${token.slice(0, 30)}${"1".repeat(14)}`,
      token.slice(0, 30),
      token.slice(0, 29),
    ];
    for (const other of hopeless) {
      expect(await look(signed, other, ada), other).toEqual({ claim: null, asked: [] });
    }
    expect(await look(signed, token, ada, { now: expiresAt })).toEqual({ claim: null, asked: [] });
    // A wrong tag has to be computed; a wrong id has to be looked up.
    const forged = replace(10, token[10] === "A" ? "B" : "A");
    expect(await look(signed, forged, ada)).toEqual({ claim: null, asked: [35] });
    expect(await look(signed, replace(30, "y"), ada)).toEqual({ claim: null, asked: [34] });
    expect((await look(signed, token, ada)).asked).toEqual([35]);
  });

  it("costs the same MACs for an id that nobody has", async () => {
    const keys = createKeyring(secrets[0]);
    let macs = 0;
    const counting = { ...keys, mac: (...of: Parameters<typeof keys.mac>) => (macs++, keys.mac(...of)) };
    const signed = connect(signedTokens({ ids: "integer" }), { keys: counting });
    const { token } = await issue(signed, accountOf(35));
    macs = 0;
    await look(signed, token, accountOf(35));
    const known = macs;
    macs = 0;
    expect((await look(signed, token, null)).claim).toBe(null);
    expect([macs, known]).toEqual([1, 1]);
  });

  it("is good up to the second that it names, and no moment longer", async () => {
    const signed = integers();
    const now = start + 789;
    const { token, expiresAt } = await issue(signed, accountOf(35), { now });
    expect(expiresAt).toBe(start + day);
    const at = async (moment: number) => (await look(signed, token, accountOf(35), { now: moment })).claim;
    expect((await at(expiresAt - 1))?.expiresAt).toBe(expiresAt);
    expect(await at(expiresAt)).toBe(null);
  });

  it("of a clock that is ahead is refused, but for a minute", async () => {
    const signed = integers();
    const { token } = await issue(signed, accountOf(35), { now: start + hour });
    const at = async (moment: number) => (await look(signed, token, accountOf(35), { now: moment })).claim;
    expect(await at(start)).toBe(null);
    expect(await at(start + hour - 60_001)).toBe(null);
    expect(await at(start + hour - 60_000)).not.toBe(null);
  });

  it("of a longer lifetime than the configured one is refused when that is lowered", async () => {
    const { token } = await issue(integers(), accountOf(35));
    const lowered = connect(signedTokens({ ids: "integer" }), { lifetime: hour });
    expect((await look(lowered, token, accountOf(35))).claim).toBe(null);
  });

  it("is marked where it was asked to live longer, up to maxLifetime", async () => {
    const signed = integers();
    const { token, expiresAt } = await issue(signed, accountOf(35), { lifetime: 30 * day });
    expect([token[0], expiresAt]).toEqual(["2", start + 30 * day]);
    expect((await look(signed, token, accountOf(35))).claim).not.toBe(null);
    expect((await look(signed, `1${token.slice(1)}`, accountOf(35))).claim).toBe(null);
    const asked = issue(signed, accountOf(35), { lifetime: 31 * day });
    await expect(asked).rejects.toThrow(
      "744 hours exceeds maxLifetime, 720 hours. Raise signedTokens({ maxLifetime })",
    );
    const shorter = connect(signedTokens({ ids: "integer", maxLifetime: "7d" }));
    expect((await look(shorter, token, accountOf(35))).claim).toBe(null);
  });

  it("lives up to maxLifetime where the lifetime is a function of the user", async () => {
    const signed = connect(signedTokens({ ids: "integer", maxLifetime: "48h" }), { lifetime: undefined });
    const { token } = await issue(signed, accountOf(35), { lifetime: 2 * day });
    expect(token[0]).toBe("1");
    expect((await look(signed, token, accountOf(35))).claim).not.toBe(null);
    await expect(issue(signed, accountOf(35), { lifetime: 2 * day + 1 })).rejects.toThrow(
      "exceeds maxLifetime, 48 hours",
    );
  });

  it("lives as long as the configured lifetime, even where maxLifetime is below it", async () => {
    const signed = connect(signedTokens({ ids: "integer", maxLifetime: "1h" }));
    const { token } = await issue(signed, accountOf(35));
    expect((await look(signed, token, accountOf(35))).claim).not.toBe(null);
  });

  it("is made between 2024 and 2093", async () => {
    const end = epoch + 36 ** 6 * 1000;
    const { token } = await issue(integers(), accountOf(35), { now: end - day - 1000 });
    expect(token.slice(2, 8)).toBe("zzzzzz");
    const first = await issue(integers(), accountOf(35), { now: epoch, lifetime: 999 });
    expect(first.token.slice(2, 8)).toBe("000000");
    for (const now of [end - day, epoch - day - 1]) {
      await expect(issue(integers(), accountOf(35), { now })).rejects.toThrow("between 2024 and 2093");
    }
  });

  it("of any secret in the list is good, though names of one character collide", async () => {
    // 24 secrets and 62 names: some two of eight nearly always share one.
    const many = Array.from({ length: 24 }, (_, i) => `secret number ${i} of the collision test 01234567`);
    const names = await Promise.all(many.map(async (secret) => createKeyring(secret).id(0)));
    const twin = names.findIndex((name, i) => names.indexOf(name) !== i);
    const pair = [many[names.indexOf(names[twin]!)]!, many[twin]!];
    expect(await createKeyring(pair[0]).id(0)).toBe(await createKeyring(pair[1]).id(0));
    const ring = connect(signedTokens(), { keys: createKeyring([secrets[0], ...pair]) });
    for (const secret of [secrets[0], ...pair]) {
      const { token } = await issue(
        connect(signedTokens(), { keys: createKeyring(secret) }),
        accountOf("ada"),
      );
      expect((await look(ring, token, accountOf("ada"))).claim, secret).not.toBe(null);
    }
    const other = await issue(connect(signedTokens(), { keys: createKeyring(secrets[1]) }), accountOf("ada"));
    expect((await look(ring, other.token, accountOf("ada"))).claim).toBe(null);
  });

  it.each([
    [{ ids: "int" }, 'signedTokens({ ids }) is "int". Use "integer", "uuid", or "text".'],
    [{ ids: "toString" }, 'Use "integer", "uuid", or "text".'],
    [{ ids: 5 }, "signedTokens({ ids }) is 5"],
    [{ idz: "text" }, 'signedTokens() has no option "idz". Did you mean "ids"?'],
    [{ maxLifetime: "long" }, "signedTokens({ maxLifetime })"],
    [null, "pass { ids, maxLifetime"],
  ])("is not made by %j", (options: any, sentence) => {
    expect(() => signedTokens(options)).toThrow(sentence);
  });
});

describe("signed tokens in the engine", () => {
  const signedKit = (accounts = people("ada@example.com")) =>
    makeKit({ store: undefined as never, tokens: signedTokens({ ids: "integer" }) }, accounts);

  it("need no store", async () => {
    const kit = signedKit();
    const { token, url, expiresAt } = await kit.ask("ada@example.com");
    expect(url).toBe(`https://app.example.com/reset-password/${token}`);
    expect(expiresAt.getTime()).toBe(kit.clock.now + day);
    expect(await kit.reset.validate({ token })).toBe(true);
    await kit.reset.confirm({ token, password: goodPassword });
    expect(kit.passwordOf(1)).toBe(goodPassword);
    expect(await kit.reset.validate({ token })).toBe(false);
    const sent = kit.reset.confirm({ token, password: goodPassword });
    await expect(sent).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("die with the password even where it is set to the same one", async () => {
    const kit = signedKit();
    const [first, second] = [await kit.ask("ada@example.com"), await kit.ask("ada@example.com")];
    await kit.reset.confirm({ token: first.token, password: goodPassword });
    expect(await kit.reset.validate({ token: second.token })).toBe(false);
    const third = await kit.ask("ada@example.com");
    await kit.reset.confirm({ token: third.token, password: goodPassword });
    expect(await kit.reset.validate({ token: third.token })).toBe(false);
  });

  it("have one winner among 200 simultaneous confirms, who alone costs a hash", async () => {
    const accounts = people("ada@example.com");
    let hashes = 0;
    accounts.users.hashPassword = async (password) => {
      hashes++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return password;
    };
    const kit = signedKit(accounts);
    const { token } = await kit.ask("ada@example.com");
    const confirm = (n: number) => kit.reset.confirm({ token, password: `${goodPassword}-${n}` });
    const answers = await Promise.allSettled(Array.from({ length: 200 }, (_, n) => confirm(n)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(new Set(refused.map(({ reason }) => reason.code))).toEqual(new Set(["invalid_token"]));
    expect(hashes).toBe(1);
  });

  it("with two links confirmed at once have one winner, by the compare-and-set", async () => {
    const kit = signedKit();
    const mails = [await kit.ask("ada@example.com")];
    kit.clock.now += 1000;
    mails.push(await kit.ask("ada@example.com"));
    expect(mails[0]!.token).not.toBe(mails[1]!.token);
    const all = Array.from({ length: 100 }, (_, n) =>
      kit.reset.confirm({ token: mails[n % 2]!.token, password: `${goodPassword}-${n}` }),
    );
    const answers = await Promise.allSettled(all);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("would have many winners with a setPassword that only writes (control)", async () => {
    const accounts = people("ada@example.com");
    accounts.users.setPassword = async ({ id }, password) => {
      await Promise.resolve();
      accounts.byId.get(id)!.passwordHash = `#${Math.random()}#${password}`;
      return true;
    };
    const kit = signedKit(accounts);
    const mails = [await kit.ask("ada@example.com")];
    kit.clock.now += 1000;
    mails.push(await kit.ask("ada@example.com"));
    const all = mails.map(({ token }) => kit.reset.confirm({ token, password: goodPassword }));
    const answers = await Promise.allSettled(all);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  it("say what is wrong with a setPassword that does not answer", async () => {
    const accounts = people("ada@example.com");
    accounts.users.setPassword = (() => undefined) as never;
    const kit = signedKit(accounts);
    const { token } = await kit.ask("ada@example.com");
    await expect(kit.reset.confirm({ token, password: goodPassword })).rejects.toThrow(
      "users.setPassword returned undefined. Return true if it stored the password, or false if the account no longer matched `expected`.",
    );
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("cannot be revoked one by one, and say so", async () => {
    const kit = signedKit();
    const { token } = await kit.ask("ada@example.com");
    const revoking = kit.reset.revoke(kit.byId.get(1)!);
    await expect(revoking).rejects.toMatchObject({ code: "unsupported", status: 501 });
    await expect(revoking).rejects.toThrow("or use storedTokens()");
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("keep to the mail rule without a store, and tell the owner no more than three times", async () => {
    const kit = signedKit();
    for (let asked = 0; asked < 10; asked++) {
      await kit.reset.request({ identifier: "ada@example.com" });
      await kit.reset.drain();
      kit.clock.now += 1000;
    }
    expect(kit.mails).toHaveLength(3);
    kit.clock.now += hour;
    await kit.ask("ada@example.com");
    expect(kit.mails).toHaveLength(4);
    for (const mail of kit.mails) expect(await kit.reset.validate({ token: (mail as any).token })).toBe(true);
  });

  it("can be an invitation for a week", async () => {
    const kit = signedKit();
    await kit.reset.issueFor(kit.byId.get(1)!, { lifetime: "7d", template: "invitation", wait: true });
    const { token } = kit.mails[0] as { token: string };
    kit.clock.now += 6 * day;
    expect(await kit.reset.validate({ token })).toBe(true);
    kit.clock.now += day;
    expect(await kit.reset.validate({ token })).toBe(false);
  });
});
