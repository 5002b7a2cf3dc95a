/** How the application's accounts are read, and what is said of one that can't be. */
import { describe, expect, it } from "vitest";
import { createAccounts, differenceOf, sameState } from "../../src/engine/accounts.js";
import type { Account, Users } from "../../src/types.js";

interface Person {
  readonly id: unknown;
  readonly email: unknown;
}

const ada: Person = { id: 1, email: "ada@example.com" };

/** Accounts of which each look-up is written down. */
function reading(changes: Partial<Users<Person>> = {}, ...people: Person[]) {
  const all = people.length > 0 ? people : [ada];
  const calls: unknown[][] = [];
  const users: Users<Person> = {
    findByIdentifier(typed, how) {
      calls.push(["findByIdentifier", typed, how.scope]);
      return all.filter(({ email }) => [email].flat().includes(typed));
    },
    findById(id, how) {
      calls.push(["findById", id, how.scope]);
      return all.find((one) => String(one.id) === String(id)) ?? null;
    },
    stateOf: (user, how) => (calls.push(["stateOf", user.id, how.transaction]), ["hash"]),
    setPassword: () => true,
    revokeSessions: "none",
    ...changes,
  };
  return { accounts: createAccounts(users), calls };
}

/** An id as MongoDB's driver makes it. */
class ObjectId {
  readonly hex: string;
  constructor(hex: string) {
    this.hex = hex;
  }
  toHexString() {
    return this.hex;
  }
}

describe("an account", () => {
  it("has the id, the state, and the trimmed addresses that the application's functions give", async () => {
    const { accounts, calls } = reading({ addressOf: () => [" ada@work.example ", "ada@home.example\n"] });
    expect(await accounts.of(ada, "north", { transaction: "t" })).toEqual({
      user: ada,
      id: 1,
      scope: "north",
      state: ["hash"],
      address: "ada@work.example",
      addresses: ["ada@work.example", "ada@home.example"],
    });
    expect(calls).toEqual([["stateOf", 1, "t"]]);
    expect(accounts.addressOf(ada)).toBe("ada@work.example");
  });

  it("has its id and its address in id and email, if nothing else is said", async () => {
    const { accounts } = reading();
    expect(await accounts.of(ada, "")).toMatchObject({ id: 1, address: "ada@example.com" });
    expect(accounts.identifiersOf(ada)).toEqual(["ada@example.com"]);
    const other = reading({
      idOf: () => 7,
      identifierOf: () => ["ada", "al"],
      addressOf: () => "a@b.example",
    });
    expect(await other.accounts.of({} as Person, "")).toMatchObject({ id: 7, address: "a@b.example" });
    expect(other.accounts.identifiersOf({} as Person)).toEqual(["ada", "al"]);
  });

  it.each([
    [{ email: "ada@example.com" }, /An account has no property "id"\. Pass users\.idOf,/],
    [{ id: null, email: "ada@example.com" }, /no property "id"/],
    [{ id: 1 }, /An account has no property "email"\. Pass users\.addressOf,/],
    [{ id: 1, email: null }, /no property "email"/],
    [null, /no property "id"/],
  ])("without these is said to have none: %j", async (user, sentence) => {
    await expect(reading().accounts.of(user as Person, "")).rejects.toThrow(sentence);
  });

  it("without an email says that users.identifierOf is missing where identifiers are needed", () => {
    expect(() => reading().accounts.identifiersOf({ id: 1 } as Person)).toThrow(/Pass users\.identifierOf,/);
  });

  it.each([
    [[], "an empty array"],
    [[5], "an array of non-strings"],
    [["ada@example.com", null], "an array of non-strings"],
    [5, "a value of type number"],
    [undefined, "undefined"],
    [null, "null"],
  ])("has no address in %j", async (given, name) => {
    const { accounts } = reading({ addressOf: () => given as never });
    await expect(accounts.of(ada, "")).rejects.toThrow(
      `users.addressOf returned ${name}. Return the stored email address,`,
    );
  });

  it.each([
    [[], "an empty array"],
    ["hash", "a value of type string"],
    [{ length: 1 }, "a value of type object"],
    [undefined, "undefined"],
    [null, "null"],
  ])("has no state in %j", async (given, name) => {
    const { accounts } = reading({ stateOf: () => given as never });
    await expect(accounts.of(ada, "")).rejects.toThrow(
      `users.stateOf returned ${name}. Return what tokens are bound to,`,
    );
  });

  it("of which a function throws names the function", async () => {
    const failing = () => Promise.reject(new Error("no connection"));
    const { accounts } = reading({ stateOf: failing, mayReset: failing, findById: failing });
    await expect(accounts.of(ada, "")).rejects.toMatchObject({ name: "users.stateOf failed" });
    await expect(accounts.mayReset(ada)).rejects.toMatchObject({ name: "users.mayReset failed" });
    await expect(accounts.current(1, "")).rejects.toMatchObject({ name: "users.findById failed" });
  });
});

describe("several addresses", () => {
  const addressOf = () => ["ada@work.example", "Ada@Home.example"];

  it("are mailed at the one that was typed, or else at the first", async () => {
    const { accounts } = reading({ addressOf });
    const of = async (typed?: string) => (await accounts.of(ada, "", { typed })).address;
    expect(await of("ADA@HOME.example")).toBe("Ada@Home.example");
    expect(await of("ada@work.example")).toBe("ada@work.example");
    expect(await of("ada@elsewhere.example")).toBe("ada@work.example");
    expect(await of()).toBe("ada@work.example");
  });

  it("are compared in their normal form, and a single one isn't compared", async () => {
    const typed: string[] = [];
    const normalize = (text: string) => (typed.push(text), text);
    await reading({ normalize }).accounts.of(ada, "", { typed: "ada" });
    expect(typed).toEqual([]);
    await reading({ normalize, addressOf }).accounts.of(ada, "");
    expect(typed).toEqual([]);
    await reading({ normalize, addressOf }).accounts.of(ada, "", { typed: "ada" });
    expect(typed).toEqual(["ada", ...addressOf()]);
  });

  it("are those of the account as it is now", async () => {
    const { accounts } = reading({ addressOf });
    const found = await accounts.current(1, "", "ada@home.example");
    expect(found?.account.address).toBe("Ada@Home.example");
  });
});

describe("users.normalize", () => {
  it("is what makes an identifier, if there is one", () => {
    expect(reading().accounts.normalize(" Ada ")).toBe(" Ada ");
    expect(reading({ normalize: (typed) => typed.trim() }).accounts.normalize(" Ada ")).toBe("Ada");
  });

  it("must return a text, and its errors don't quote what was typed", () => {
    const made = (normalize: () => never) => reading({ normalize }).accounts;
    expect(() => made(() => ["ada"] as never).normalize("ada")).toThrow(
      "users.normalize returned an array of non-strings. Return the identifier as a string.",
    );
    const failing = made(() => {
      throw new Error("no number in +49 170");
    });
    const caught = (() => {
      try {
        return failing.normalize("+49 170");
      } catch (error) {
        return error as Error;
      }
    })();
    expect(caught).toMatchObject({
      name: "users.normalize failed",
      message: expect.stringContaining("[hidden]"),
    });
  });
});

describe("ids", () => {
  const hex = "65f0a1b2c3d4e5f6a7b8c9d0";

  it("that are bytes come back as the driver gives them", async () => {
    const found = async (id: Uint8Array) => {
      const { accounts, calls } = reading({}, { ...ada, id });
      await accounts.of({ ...ada, id }, "");
      await accounts.current(accounts.readId("x:00ff"), "");
      return calls.at(-1)![1] as Uint8Array;
    };
    expect((await found(new Uint8Array([0, 255]))).constructor).toBe(Uint8Array);
    expect((await found(Buffer.from([0, 255]))).constructor).toBe(Buffer);
    for (const id of [new Uint8Array([1]), Buffer.from([1])])
      expect([...(await found(id))]).toEqual([0, 255]);
  });

  it("that are bytes follow what was seen last, and others change nothing", async () => {
    const { accounts, calls } = reading();
    const given = async () => {
      await accounts.current(accounts.readId("x:00ff"), "");
      return (calls.at(-1)![1] as object).constructor;
    };
    expect(await given()).toBe(Buffer);
    await accounts.of({ ...ada, id: new Uint8Array([1]) }, "");
    await accounts.of(ada, "");
    expect(await given()).toBe(Uint8Array);
    await accounts.current(5, "");
    expect(calls.at(-1)![1]).toBe(5);
    await accounts.of({ ...ada, id: Buffer.from([1]) }, "");
    expect(await given()).toBe(Buffer);
  });

  it("of MongoDB are made by the class of one that was seen", async () => {
    const { accounts } = reading();
    for (const id of [1, "ada", new Uint8Array([1])]) await accounts.of({ ...ada, id }, "");
    expect(accounts.readId(`o:${hex}`)).toBe(hex);
    await accounts.of({ ...ada, id: new ObjectId(hex) }, "");
    const made = accounts.readId(`o:${"0".repeat(24)}`);
    expect(made).toBeInstanceOf(ObjectId);
    expect(made).toEqual(new ObjectId("0".repeat(24)));
  });

  it("of MongoDB are made by users.parseId if there is one", async () => {
    const { accounts } = reading({ parseId: (text) => `parsed ${text}` });
    await accounts.of({ ...ada, id: new ObjectId(hex) }, "");
    expect(accounts.readId(`o:${hex}`)).toBe(`parsed ${hex}`);
    expect(accounts.readId("n:7")).toBe(7);
  });
});

describe("a look-up", () => {
  it("says of each account that was found whether it counts, and why not", async () => {
    const people = [ada, { id: 2, email: "other@example.com" }, { id: 3, email: "ada@example.com" }, ada];
    const reasons: Record<string, unknown> = { 1: true, 3: "closed" };
    const { accounts } = reading({
      findByIdentifier: () => people,
      mayReset: (user) => reasons[String(user.id)] as never,
    });
    const found = await accounts.lookUp("ADA@example.com", "north");
    expect(found.accounts).toMatchObject([{ id: 1, scope: "north" }]);
    expect(found).toMatchObject({
      mismatched: 1,
      ineligible: [{ user: people[2], reason: "closed" }],
      failures: [],
    });
  });

  it.each([
    ["closed", "closed"],
    ["no_password", "no_password"],
    [false, undefined],
    [undefined, undefined],
    ["because", undefined],
    [1, undefined],
  ])("takes %j from users.mayReset for a refusal", async (verdict, reason) => {
    const { accounts } = reading({ mayReset: () => verdict as never });
    expect(await accounts.lookUp("ada@example.com", "")).toMatchObject({
      accounts: [],
      ineligible: [{ user: ada, reason }],
    });
    expect(await accounts.mayReset(ada)).toBe(false);
  });

  it("takes every account without users.mayReset, and passes the transaction to one", async () => {
    expect(await reading().accounts.mayReset(ada)).toBe(true);
    const seen: unknown[] = [];
    const { accounts } = reading({ mayReset: (_user, how) => (seen.push(how), true) });
    expect(await accounts.mayReset(ada, "t")).toBe(true);
    expect(seen).toEqual([{ transaction: "t" }]);
  });

  it("goes on after an account that can't be read, and names its id if that can be", async () => {
    const nameless = { id: undefined, email: "ada@example.com" };
    const { accounts } = reading({
      findByIdentifier: () => [{ id: 2, email: "ada@example.com" }, nameless, ada],
      stateOf: ({ id }) => (id === 2 ? (5 as never) : ["hash"]),
    });
    const { accounts: found, failures } = await accounts.lookUp("ada@example.com", "");
    expect(found).toMatchObject([{ id: 1 }]);
    expect(failures).toMatchObject([{ id: 2 }, { id: undefined }]);
    expect(String(failures[0]!.error)).toContain("users.stateOf");
    expect(String(failures[1]!.error)).toContain('"id"');
  });

  it("mails an account at the address that was typed", async () => {
    const email = ["ada@work.example", "ada@home.example"];
    const { accounts } = reading({}, { id: 1, email });
    const { accounts: found } = await accounts.lookUp("ada@home.example", "");
    expect(found.map(({ address }) => address)).toEqual(["ada@home.example"]);
  });

  it.each([null, undefined, false, []])("that gives %j finds nobody", async (result) => {
    const { accounts } = reading({ findByIdentifier: () => result as never });
    expect(await accounts.lookUp("ada@example.com", "")).toMatchObject({ accounts: [], mismatched: 0 });
  });

  it("may give one account without a list", async () => {
    const { accounts } = reading({ findByIdentifier: () => ada as never });
    expect((await accounts.lookUp("ada@example.com", "")).accounts).toMatchObject([{ id: 1 }]);
  });

  it("asks for a scope, or for none", async () => {
    const { accounts, calls } = reading();
    await accounts.lookUp("nobody", "");
    await accounts.lookUp("nobody", "north");
    await accounts.current(9, "");
    await accounts.current(9, "north");
    expect(calls).toEqual([
      ["findByIdentifier", "nobody", undefined],
      ["findByIdentifier", "nobody", "north"],
      ["findById", 9, undefined],
      ["findById", 9, "north"],
    ]);
  });

  it.each([
    ["info@www.müller.example", ["info@www.müller.example", "info@www.xn--mller-kva.example"]],
    ["info@www.XN--mller-kva.example", ["info@www.XN--mller-kva.example", "info@www.müller.example"]],
    ["müller@example.com", ["müller@example.com"]],
    ["ada@example.com", ["ada@example.com"]],
    ["xn--ada", ["xn--ada"]],
  ])("of %s asks for every spelling of the domain: %j", async (typed, spellings) => {
    const { accounts, calls } = reading();
    await accounts.lookUp(typed, "");
    const asked = calls.filter(([name]) => name === "findByIdentifier").map(([, one]) => one);
    expect(asked).toEqual(expect.arrayContaining(spellings));
    expect(asked.length > 1).toBe(spellings.length > 1);
  });

  it("whose error quotes what was typed hides it, but for two characters, which much text has", async () => {
    const failing = async (typed: string) => {
      const { accounts } = reading({
        findByIdentifier: (asked) => Promise.reject(new Error(`no row ${asked} here`)),
      });
      return accounts.lookUp(typed, "").catch((error: Error) => `${error.name}: ${error.message}`);
    };
    expect(await failing("ada")).toBe("users.findByIdentifier failed: Error: no row [hidden] here");
    expect(await failing("al")).toBe("users.findByIdentifier failed: Error: no row al here");
  });
});

describe("the ids behind an identifier", () => {
  it("are those of the accounts that have it, each once", async () => {
    const people = [ada, { id: 2, email: "other@example.com" }, { ...ada }, { id: "1", email: ada.email }];
    const { accounts } = reading({ findByIdentifier: () => people });
    expect(await accounts.idsOf("ADA@example.com", "")).toEqual([1, "1"]);
  });

  it("are none where nobody has it, though the account that was read last is compared", async () => {
    const compared: unknown[] = [];
    const identifierOf = (user: Person) => (compared.push(user.id), user.email as string);
    const { accounts } = reading({ identifierOf });
    expect(await accounts.idsOf("nobody@example.com", "")).toEqual([]);
    expect(compared.splice(0)).toEqual([]);
    expect(await accounts.idsOf("ada@example.com", "")).toEqual([1]);
    expect(compared.splice(0)).toEqual([1]);
    for (let n = 0; n < 2; n++) {
      expect(await accounts.idsOf("nobody@example.com", "")).toEqual([]);
      expect(compared.splice(0)).toEqual([1]);
    }
  });
});

describe("an id", () => {
  it("leads to its account, or to null", async () => {
    const { accounts } = reading();
    expect(await accounts.byId(1, "north")).toMatchObject({ id: 1, scope: "north", user: ada });
    expect(await accounts.byId(9, "")).toBe(null);
    expect(await accounts.current(1, "north")).toMatchObject({
      user: ada,
      account: { id: 1, scope: "north" },
    });
    expect(await accounts.current(9, "")).toBe(null);
  });

  it("that nobody has costs a look at the account that was read last, once there is one", async () => {
    const read: unknown[] = [];
    const { accounts, calls } = reading({ idOf: (user) => (read.push(user), user.id as number) });
    await accounts.byId(9, "");
    expect(calls.splice(0).map(([name]) => name)).toEqual(["findById"]);
    expect(read).toEqual([]);
    await accounts.byId(1, "");
    calls.length = 0;
    await accounts.byId(9, "");
    expect(calls.map(([name, id]) => [name, id])).toEqual([
      ["findById", 9],
      ["stateOf", 1],
    ]);
  });
});

describe("the account that stands in for one that isn't there", () => {
  it("is the first that was found by a look-up that found any", async () => {
    const asked: unknown[] = [];
    const twin = { id: 2, email: ada.email };
    const { accounts, calls } = reading({ mayReset: (user) => (asked.push(user.id), true) }, ada, twin);
    expect(await accounts.currentOfDecoy()).toBe(undefined);
    expect(calls).toEqual([]);
    await accounts.lookUp("ada@example.com", "north");
    await accounts.lookUp("nobody@example.com", "south");
    calls.length = asked.length = 0;
    expect(await accounts.currentOfDecoy()).toBe(ada);
    expect(calls).toEqual([
      ["findById", 1, "north"],
      ["stateOf", 1, undefined],
    ]);
    expect(asked).toEqual([1]);
  });

  it("may be gone since", async () => {
    const people = [ada];
    const { accounts } = reading({ findById: () => people[0] }, ada);
    await accounts.lookUp("ada@example.com", "");
    people.length = 0;
    expect(await accounts.currentOfDecoy()).toBe(undefined);
  });
});

describe("two readings of an account", () => {
  const one: Account = {
    user: ada,
    id: 1,
    scope: "",
    state: ["hash", 5],
    address: "ada@example.com",
    addresses: ["ada@example.com"],
  };
  const differs = (change: Partial<Account>) => differenceOf(one, { ...one, ...change });

  it("are the same if their values are, down to their types", () => {
    expect(sameState(one, { ...one, state: ["hash", 5] })).toBe(true);
    expect(sameState(one, { ...one, state: ["hash", "5"] })).toBe(false);
    expect(sameState(one, { ...one, state: ["hash"] })).toBe(false);
    expect(differs({ state: ["hash", 5], scope: "north", user: {} })).toBe(undefined);
  });

  it.each<[Partial<Account>, string]>([
    [{ id: "1" }, "users.idOf"],
    [{ id: 2, state: [] }, "users.idOf"],
    [{ addresses: ["ada@home.example"] }, "users.addressOf"],
    [{ addresses: undefined }, "users.addressOf"],
    [{ state: ["other", 5] }, "users.stateOf()[0]"],
    [{ state: ["hash", 6] }, "users.stateOf()[1]"],
    [{ state: ["hash", "5"] }, "users.stateOf()[1] (number and string)"],
    [{ state: ["hash", null] }, "users.stateOf()[1] (number and null)"],
    [{ state: ["hash", new Date(5)] }, "users.stateOf()[1] (number and Date)"],
    [{ state: ["hash"] }, "users.stateOf()[1] (number and undefined)"],
    [{ state: ["hash", 5, true] }, "users.stateOf()[2] (undefined and boolean)"],
  ])("differ in the first value that does: %o", (change, name) => {
    expect(differs(change)).toBe(name);
  });

  it("without addresses are the same", () => {
    const without = { ...one, addresses: undefined };
    expect(differenceOf(without, { ...without })).toBe(undefined);
    expect(differenceOf(without, { ...without, addresses: [] })).toBe(undefined);
  });
});
