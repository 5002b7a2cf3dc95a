/** What the check says about the application's accounts: how they are found, what tokens are bound to, and hashes. */
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../src/stores/memory.js";
import { signedTokens } from "../../../src/tokens/signed.js";
import type { CheckOptions, Finding, ResetOptions, Users } from "../../../src/types.js";
import { length } from "../../../src/validators/length.js";
import type { Person } from "../../kit.js";
import { argon2, hashed, soundKit } from "./sound.js";

const email = "ada@example.com";
const bcrypt = "$2b$12$Hi3vTvBpMl7Mq1sP8iYb3uY4O3n2ySKEbJ0oU3iU0k7ZJr3t3m8vK";

type Changes = Partial<Users<Person>>;

/** Checks an engine whose accounts differ in `changes` from sound ones. */
async function check(
  changes: Changes | ((users: Users<Person>) => Changes) = {},
  how: CheckOptions = { account: email },
  options: Partial<ResetOptions<Person>> = {},
): Promise<readonly Finding[]> {
  const accounts = hashed(email, "grace@example.com");
  Object.assign(accounts.users, typeof changes === "function" ? changes({ ...accounts.users }) : changes);
  return soundKit(options, accounts).reset.check(how);
}

const error = (what: string | RegExp, fix: string | RegExp) => [
  { level: "error", what: expect.stringMatching(what), fix: expect.stringMatching(fix) },
];

describe("the application's own check", () => {
  it("adds what it finds to the rest", async () => {
    const finding: Finding = { level: "warning", what: "The table is large.", fix: "Add an index." };
    const state: Changes = { stateOf: ({ email }) => [email] };
    expect(await check({ check: async () => [finding] })).toEqual([finding]);
    const findings = await check({ ...state, check: async () => [finding] });
    expect(findings.slice(0, 1)).toEqual([finding]);
    expect(findings.slice(1)).toEqual(error(/looks like a password hash/, /\[user\.passwordHash/));
    const unknown = await check({ check: async () => [finding] }, { account: "nobody@example.com" });
    expect(unknown.slice(0, 1)).toEqual([finding]);
    expect(unknown.slice(1)).toEqual(error(/found no account/, /Check the identifier, the scope/));
  });

  it("stands for all others if it fails", async () => {
    const failing = (failure: Error): Changes => ({
      check: () => Promise.reject(failure),
      stateOf: ({ email }) => [email],
    });
    expect(await check(failing(new TypeError("No column. Add it")))).toEqual(
      error(/^No column\.$/, /^Add it\.$/),
    );
    expect(await check(failing(new Error("No column. Add it")))).toEqual(
      error(/^Error: No column\.$/, /^Add it\.$/),
    );
    expect((await check(failing(new RangeError("in TypeError: x. Add it"))))[0]!.what).toBe(
      "RangeError: in TypeError: x.",
    );
  });
});

describe("the look-up of an account", () => {
  it("finds nothing wrong with one that is found in both ways", async () => {
    expect(await check()).toEqual([]);
    expect(await check({}, { mail: email })).toEqual([]);
  });

  it("takes the account, if both it and an address for a message are given", async () => {
    const how = { account: "nobody@example.com", mail: email };
    expect(await check({}, how)).toEqual(error(/found no account/, /database that the query runs on/));
  });

  it("doesn't mind an address without an account, since a message may go to it", async () => {
    expect(await check({}, { mail: "nobody@example.com" })).toEqual([]);
  });

  it("asks for it in the scope, if there is one", async () => {
    const scopes: unknown[] = [];
    const watched = (users: Users<Person>): Changes => ({
      findByIdentifier: (typed, how) => (scopes.push(how.scope), users.findByIdentifier(typed, how)),
      findById: (id, how) => (scopes.push(how.scope), users.findById(id, how)),
    });
    await check(watched);
    expect(scopes.splice(0)).toEqual([undefined, undefined]);
    await check(watched, { account: email, scope: "north" });
    expect(scopes).toEqual(["north", "north"]);
  });

  it("says what the application's function threw, without the identifier", async () => {
    const findings = await check({
      findByIdentifier: () => Promise.reject(new Error(`no index for ${email}`)),
    });
    expect(findings).toEqual(error(/^The check of the accounts failed\..*no index for/, /^Fix what the/));
    expect(findings[0]!.what).not.toContain(email);
  });

  it("says why an account that was found can't be read", async () => {
    const findings = await check({ stateOf: () => Promise.reject(new Error("no such column")) });
    expect(findings).toEqual(error(/users\.stateOf failed.*no such column/, /^Fix what the message names/));
  });

  it.each<[string, Changes, RegExp, RegExp]>([
    [
      "one that users.findById doesn't return",
      { findById: () => null },
      /^users\.findById doesn't return an account that users\.findByIdentifier found/,
      /users\.idOf returns/,
    ],
    [
      "one that's another by its id",
      { findById: () => ({ id: 1, email, passwordHash: "$2b$other", active: true, sessions: 0 }) },
      /users\.findByIdentifier and users\.findById differ for one account in users\.stateOf\(\)\[0\]/,
      /same query, or the same ORM/,
    ],
    [
      "one with other identifiers than the one that was typed",
      { identifierOf: () => "somebody@example.com" },
      /found the account, but none of its identifiers is what was typed/,
      /users\.identifierOf, or pass users\.normalize/,
    ],
    [
      "one that users.mayReset refuses",
      { mayReset: () => false },
      /^users\.mayReset doesn't allow a reset of the account/,
      /^Check its status, or run the check with another account/,
    ],
  ])("finds %s", async (_name, changes, what, fix) => {
    expect(await check(changes)).toEqual(error(what, fix));
    expect(await check(changes, { mail: email })).toEqual(error(what, fix));
  });

  it("reads the address that was typed, of several, in both ways", async () => {
    const addressOf = ({ email }: Person) => [email, "ada@home.example"];
    expect(await check({ addressOf, identifierOf: addressOf })).toEqual([]);
  });

  it("takes an account that has a token, if none was named", async () => {
    const accounts = hashed(email);
    accounts.users.stateOf = (user) => [user.email];
    const store = memoryStore();
    const kit = soundKit({ store }, accounts);
    expect(await kit.reset.check()).toEqual([]);
    await kit.ask(email);
    expect(await kit.reset.check()).toEqual(error(/looks like a password hash/, /passwordHash/));
    // Once the account is gone, there's none to look at.
    accounts.byId.clear();
    expect(await kit.reset.check()).toEqual([]);
  });

  it("takes none from a store that doesn't work, or where there is none", async () => {
    const store = memoryStore();
    await soundKit({ store }, hashed(email)).ask(email);
    const pages: unknown[] = [];
    const ids: unknown[] = [];
    const watched = (users: Users<Person>): Changes => ({
      findById: (id, how) => (ids.push(id), users.findById(id, how)),
    });
    const tokens = {
      ...store.tokens,
      list: (...given: Parameters<typeof store.tokens.list>) => (
        pages.push(given[0]),
        store.tokens.list(...given)
      ),
    };
    const broken = { ...store, tokens, check: () => Promise.reject(new Error("It broke. Mend it")) };
    expect(await check(watched, {}, { store: broken })).toEqual(error(/^It broke\.$/, /^Mend it\.$/));
    expect([pages, ids]).toEqual([[], []]);
    await check(watched, {}, { store: { ...store, tokens } });
    expect([pages, ids]).toEqual([[{ limit: 1 }], [1]]);
    const without = await check({}, {}, {
      store: undefined,
      tokens: signedTokens(),
      throttles: false,
    } as never);
    expect(without.map(({ level }) => level)).toEqual(["warning"]);
  });
});

describe("what tokens are bound to", () => {
  const found = async (...state: unknown[]) => check({ stateOf: () => state as never });
  const missing = error(
    /^No value of users\.stateOf looks like a password hash, so a token may stay valid/,
    /^Return the stored hash first/,
  );

  it("must be something", async () => {
    const nothing = error(
      /^Every value of users\.stateOf is undefined/,
      /^Return the columns under the names/,
    );
    expect(await found(undefined)).toEqual(nothing);
    expect(await found(undefined, undefined)).toEqual(nothing);
    expect(await found(undefined, argon2)).toEqual([]);
    expect(await found(undefined, email)).toEqual(missing);
  });

  it.each<[string, unknown]>([
    ["nothing yet", null],
    ["bytes", new Uint8Array(32)],
    ["argon2", argon2],
    ["crypt with one character", "$5$abc"],
    ["a name of twenty characters", `$${"a-1".repeat(6)}xy$`],
    ["Django's", "pbkdf2_sha256$1$a$b"],
    ["bcrypt by name", "bcrypt$x"],
    ["argon2 by name", "ARGON2$x"],
    ["scrypt", "scrypt:1"],
    ["SHA", "sha1$x"],
    ["MD5", "md5$x"],
    ["LDAP's SSHA", "{SSHA}x"],
    ["LDAP's crypt", "{crypt}x"],
    ["Django's for no password", "!x"],
    ["32 hexadecimal digits", "0123456789abcdef0123456789ABCDEF"],
    ["64 hexadecimal digits", "0123456789abcdef".repeat(4)],
    ["32 characters of base64", "Ab+/_-01Ab+/_-01Ab+/_-01Ab+/_-01"],
    ["base64 with one sign at its end", `${"Ab+/".repeat(9)}=`],
    ["base64 with two", `${"Ab+/".repeat(9)}==`],
    ["a salt and 24 characters", "salt:Ab+/_-01Ab+/_-01Ab+/_-0="],
    ["others before it", "a b.c$Ab+/_-01Ab+/_-01Ab+/_-01Ab"],
    ["a dot alone", ".Ab+/_-01Ab+/_-01Ab+/_-01"],
  ])("may be a hash such as %s", async (_name, hash) => {
    expect(await found(hash)).toEqual([]);
    expect(await found(email, 5, hash)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["an address", email],
    ["a number", 5],
    ["a large number", 10n ** 32n],
    ["a Boolean", true],
    ["a text with the sign of another", "x!"],
    ["a name between dollars with none", "$$abc"],
    ["a name between dollars that is too long", `$${"a-1".repeat(7)}$`],
    ["a name between dollars with a blank", "$a b$"],
    ["one dollar", "$abc"],
    ["a name of a hash within", "my md5"],
    ["31 digits", "0123456789abcdef0123456789abcde"],
    ["32 characters with a blank", "Ab+/_-01Ab+/_-01 Ab+/_-01Ab+/_-0"],
    ["32 characters, then others", "Ab+/_-01Ab+/_-01Ab+/_-01Ab+/_-01, and more"],
    ["a long sentence", "a text of more than thirty-two characters"],
    ["base64 with three signs at its end", `${"Ab+/".repeat(9)}===`],
    ["a salt and 23 characters", "salt:Ab+/_-01Ab+/_-01Ab+/_-0"],
    ["a salt and 24 characters, then others", "salt:Ab+/_-01Ab+/_-01Ab+/_-01 x"],
    ["a salt, and a sentence", "salt:a text of more than twenty-four"],
    ["a comma before 24 characters", "salt,Ab+/_-01Ab+/_-01Ab+/_-01"],
  ])("isn't known to be one: %s", async (_name, value) => {
    expect(await found(value)).toEqual(missing);
  });
});

describe("users.hashPassword", () => {
  const salted = () => {
    let count = 0;
    return (_password: string) => `$argon2id$${++count}`;
  };

  it("gives another hash each time it's called", async () => {
    const unsalted = error(/^users\.hashPassword returns the same hash/, /^Use argon2id, scrypt or bcrypt/);
    expect(await check({ hashPassword: salted() })).toEqual([]);
    expect(await check({ hashPassword: () => "$argon2id$1" })).toEqual(unsalted);
    expect(await check({ hashPassword: () => "$argon2id$1" }, {})).toEqual(unsalted);
  });

  it("is given a password that nobody has, twice the same, and the account", async () => {
    const calls: unknown[][] = [];
    const made = salted();
    const hashPassword = (...given: [string, Person]) => (calls.push(given), made(given[0]));
    await check({ hashPassword });
    expect(calls.map(([, user]) => user)).toMatchObject([{ id: 1 }, { id: 1 }]);
    expect(calls[0]![0]).toBe(calls[1]![0]);
    expect(calls[0]![0]).toMatch(/^[\w-]{80}$/);
    await check({ hashPassword });
    expect(calls[2]![0]).not.toBe(calls[0]![0]);
  });

  it("isn't called without an account if it takes one", async () => {
    let calls = 0;
    const one = (_password: string) => `$argon2id$${++calls}`;
    const two = (_password: string, _user: Person) => `$argon2id$${++calls}`;
    await check({ hashPassword: two }, {});
    expect(calls).toBe(0);
    await check({ hashPassword: one }, {});
    expect(calls).toBe(2);
    await check({ hashPassword: two });
    expect(calls).toBe(4);
  });
});

describe("bcrypt", () => {
  const long = [
    {
      level: "warning",
      what: expect.stringMatching(/bcrypt, which ignores what comes after 72 bytes/),
      fix: "Pass validators that include length({ maxBytes: 72 }).",
    },
  ];
  const stored = (hash: string): Changes => ({ stateOf: ({ email }) => [hash, 5, email] });

  it.each(["$2$10$abc", "$2a$10$abc", "$2b$10$abc", "$2x$10$abc", "$2y$10$abc", bcrypt])(
    "is known by its stored hash %s",
    async (hash) => expect(await check(stored(hash))).toEqual(long),
  );

  it.each(["$2c$10$abc", "$2ab$10$abc", "$20$abc", "$argon2id$x$2b$10$abc"])(
    "isn't seen in %s",
    async (hash) => expect(await check(stored(hash))).toEqual([]),
  );

  it("is known by the hashes that are made, also without an account", async () => {
    let count = 0;
    const hashPassword = (_password: string) => `$2b$${++count}`;
    expect(await check({ hashPassword })).toEqual(long);
    expect(await check({ hashPassword }, {})).toEqual(long);
  });

  it("needs validators that reject longer passwords of this account", async () => {
    const within = { validators: [length({ maxBytes: 72 })] };
    expect(await check(stored(bcrypt), { account: email }, within)).toEqual([]);
    const seen: unknown[] = [];
    const validator = (_password: string, given: unknown) => (seen.push(given), undefined);
    expect(await check(stored(bcrypt), { account: email }, { validators: [validator as never] })).toEqual(
      long,
    );
    expect(seen).toMatchObject([{ user: { id: 1 }, identifiers: [email] }]);
    seen.length = 0;
    const hashPassword = (_password: string) => `$2b$${Math.PI}${seen.length}`;
    await check({ hashPassword }, {}, { validators: [validator as never] });
    expect(seen).toMatchObject([{ identifiers: [] }]);
  });
});
