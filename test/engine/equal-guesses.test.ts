import { expect, it } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
import { memoryStore } from "../../src/stores/memory.js";
import { randomNumber } from "../../src/tokens/generators.js";
import { signedTokens } from "../../src/tokens/signed.js";
import { createCodes } from "../../src/tokens/stored/codes.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { AccountFinder, Users } from "../../src/types.js";
import { keptLog, makeKit, people, type Person, secret } from "../kit.js";

const password = "Correct-horse-9";

/** Accounts that write down which of the application's functions are called for them, in order. */
function watched() {
  const accounts = people("ada@example.com", "grace@example.com");
  const calls: string[] = [];
  const { findByIdentifier, findById, stateOf } = accounts.users;
  const users: Users<Person> = {
    ...accounts.users,
    findByIdentifier: (...given) => (calls.push("findByIdentifier"), findByIdentifier(...given)),
    findById: (...given) => (calls.push("findById"), findById(...given)),
    normalize: (identifier) => (calls.push("normalize"), identifier),
    addressOf: ({ email }) => (calls.push("addressOf"), email),
    stateOf: (user, how) => (calls.push("stateOf"), stateOf(user, how)),
    mayReset: (user) => (calls.push("mayReset"), user.active),
  };
  return { accounts: { ...accounts, users }, users, calls };
}

type Endpoint = "validate" | "confirm";

it.each<Endpoint>(["validate", "confirm"])(
  "a wrong code costs an unknown identifier the calls of a known one: %s",
  async (endpoint) => {
    const { accounts, users, calls } = watched();
    const { reset } = makeKit({ users, tokens: storedTokens({ generator: randomNumber() }) }, accounts);
    const callsFor = async (identifier: string) => {
      calls.length = 0;
      await reset[endpoint]({ token: "12345678", identifier, password }).catch(() => undefined);
      return calls.join(" ");
    };
    const known = await callsFor("ada@example.com");
    expect(known).toBe("normalize normalize findByIdentifier normalize normalize");
    expect(await callsFor("nobody@example.com")).toBe(known);
  },
);

it("a wrong code costs an unknown identifier the hashes of a known one", async () => {
  const keys = createKeyring(secret);
  let hashes = 0;
  const counting: typeof keys = { ...keys, mac: (...given) => (hashes++, keys.mac(...given)) };
  const { tokens, counters } = memoryStore();
  const codes = createCodes({
    generator: randomNumber(),
    lifetime: 600_000,
    context: {
      keys: counting,
      tokens,
      counters,
      lifetime: 3_600_000,
      maxLive: 3,
      log: keptLog(),
    },
  });
  const hashesFor = async (...ids: number[]) => {
    hashes = 0;
    const accounts: AccountFinder = { byId: async () => null, idsOf: async () => ids };
    const given = { token: "12345678", identifier: "ada@example.com", scope: "", now: 1_700_000_000_000 };
    expect(await codes.verify(given, accounts)).toBe(null);
    return hashes;
  };
  // Three counters, the decoy's id, and the lookup.
  expect(await hashesFor(1)).toBe(5);
  expect(await hashesFor()).toBe(5);
});

it.each<Endpoint>(["validate", "confirm"])(
  "a forged signed token costs an id that nobody has the calls of one that somebody has: %s",
  async (endpoint) => {
    const { accounts, users, calls } = watched();
    const { reset, mails } = makeKit({ users, tokens: signedTokens({ ids: "integer" }) }, accounts);
    await reset.issueFor({ ...accounts.byId.get(1)! }, { wait: true });
    const [mail] = mails;
    const good = mail?.kind === "reset" ? mail.token : "";
    const callsFor = async (id: string) => {
      calls.length = 0;
      const forged = good.slice(0, 12) + (good[12] === "A" ? "B" : "A") + good.slice(13, -1) + id;
      await reset[endpoint]({ token: forged, password }).catch(() => undefined);
      return calls.join(" ");
    };
    const known = await callsFor("1");
    expect(known).toBe("findById addressOf stateOf");
    expect(await callsFor("9")).toBe(known);
  },
);

it("a stateOf that fails for the account that was read last doesn't make a forged token an error", async () => {
  const { accounts, users } = watched();
  const stateOf: Users<Person>["stateOf"] = (user) => {
    const stored = accounts.byId.get(user.id)!;
    return [stored.passwordHash, stored.email];
  };
  const { reset, mails } = makeKit(
    { users: { ...users, stateOf }, tokens: signedTokens({ ids: "integer" }) },
    accounts,
  );
  await reset.issueFor({ ...accounts.byId.get(1)! }, { wait: true });
  const token = mails[0]?.kind === "reset" ? mails[0].token : "";
  expect(await reset.validate({ token })).toBe(true);
  accounts.byId.delete(1);
  expect(await reset.validate({ token })).toBe(false);
});
