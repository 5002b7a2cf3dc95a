import { describe, expect, it } from "vitest";
import { storedTokens } from "../../src/tokens/stored.js";
import { randomNumber } from "../../src/tokens/generators.js";
import type { ResetMessage } from "../../src/types.js";
import { makeKit, people } from "../kit.js";

/** Accounts with a phone number, found by its digits alone. */
function phones(normalize?: (typed: string) => string, stored = "+4915123456789") {
  const accounts = people("ada@example.com");
  accounts.users.identifierOf = () => stored;
  accounts.users.findByIdentifier = (typed) =>
    typed === "+4915123456789" ? [...accounts.byId.values()] : [];
  if (normalize) accounts.users.normalize = normalize;
  return accounts;
}

const digits = (typed: string) => typed.replace(/[^\d+]/g, "");

describe("users.normalize", () => {
  it.each([
    "+4915123456789",
    "+49 151 23456789",
    "+49-151-23456789",
    "+49 (151) 234 567 89",
    "+49.151.23456789",
  ])("finds the account of %s", async (typed) => {
    const { address } = await makeKit({}, phones(digits)).ask(typed);
    expect(address).toBe("ada@example.com");
  });

  it("is used on what is stored, too", async () => {
    const kit = makeKit({}, phones(digits, "+49 (0)151 23456789".replace("(0)", "")));
    expect((await kit.ask("+4915123456789")).kind).toBe("reset");
  });

  it("keeps accounts apart that it doesn't make the same", async () => {
    const kit = makeKit({}, phones(digits, "+4915123456780"));
    await kit.reset.request({ identifier: "+49 151 23456789" });
    await kit.reset.drain();
    expect(kit.mails).toEqual([]);
  });

  it("decides which verified address is mailed", async () => {
    const accounts = people("ada@work.example");
    accounts.users.addressOf = () => ["ada@work.example", "ada@home.example"];
    accounts.users.identifierOf = () => ["ada@work.example", "ada@home.example"];
    accounts.users.findByIdentifier = () => [...accounts.byId.values()];
    accounts.users.normalize = (typed) => typed.toLowerCase().replace(/\+.*@/, "@");
    const kit = makeKit({}, accounts);
    expect((await kit.ask("Ada+reset@home.example")).address).toBe("ada@home.example");
    expect((await kit.ask("ada@work.example")).address).toBe("ada@work.example");
  });

  it("gives nobody more attempts at a code by other spellings", async () => {
    const tokens = storedTokens({ generator: randomNumber() });
    const kit = makeKit({ tokens, throttles: false }, phones(digits));
    const { code } = await kit.ask("+49 151 23456789");
    const tryIt = (token: string, identifier: string) => kit.reset.validate({ token, identifier });
    expect(await tryIt(code!, "+49 151 2345 6789")).toBe(true);
    for (let n = 0; n < 5; n++)
      await tryIt("00000000", `+49 151 23456789${" ".repeat(n)}`.replace("1 ", "1".padEnd(n + 2)));
    expect(await tryIt(code!, "+4915123456789")).toBe(false);
  });

  it.each([undefined, 5, Promise.resolve("x")])("must return a string, and not %s", async (result) => {
    const kit = makeKit(
      {},
      phones(() => result as never),
    );
    await kit.reset.request({ identifier: "+4915123456789" });
    await kit.reset.drain();
    expect(kit.log.lines.join()).toContain("users.normalize returned");
  });
});

describe("a domain outside ASCII", () => {
  it.each([
    ["info@müller.example", "info@xn--mller-kva.example"],
    ["info@xn--mller-kva.example", "info@müller.example"],
    ["info@müller.example", "info@MÜLLER.example"],
    ["info@müller.example", "Info@Müller.Example"],
  ])("stored as %s is found as %s, by a query that knows nothing of it", async (stored, typed) => {
    const accounts = people(stored);
    const calls = accounts.users.findByIdentifier;
    accounts.users.findByIdentifier = (asked, context) => calls(asked.replace("Info", "info"), context);
    const kit = makeKit({}, accounts);
    expect((await kit.ask(typed)).address).toBe(stored);
    expect(kit.mails).toHaveLength(1);
  });

  it("costs the same look-ups whether or not there is an account", async () => {
    const kit = makeKit({}, people("info@müller.example"));
    await kit.ask("info@müller.example");
    const known = kit.calls.findByIdentifier;
    await kit.reset.request({ identifier: "info@möller.example" });
    await kit.reset.drain();
    expect(kit.calls.findByIdentifier - known).toBe(known);
    expect(known).toBe(2);
  });

  it("brings two mails if both spellings are accounts of their own, and one if they are one", async () => {
    const two = makeKit({}, people("info@müller.example", "info@xn--mller-kva.example"));
    await two.ask("info@müller.example");
    expect((two.mails as ResetMessage<unknown>[]).map(({ address }) => address).sort()).toEqual([
      "info@müller.example",
      "info@xn--mller-kva.example",
    ]);
  });
});
