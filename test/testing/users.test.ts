import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { usersCases, usersSuite, type UsersPart, type UsersSubject } from "resetkit/testing";
import type { Users } from "resetkit/types";
import { people } from "../kit.js";
import { type Accounts, subjectOnSqlite, type User } from "./sql-accounts.js";

const runner = { describe, it };
const identifier = "ada@example.com";
const pause = () => new Promise((resolve) => setImmediate(resolve));

usersSuite(runner, "accounts in a map", () => ({ users: people(identifier).users, identifier }), {
  lacks: ["lock", "hashPassword", "sessions", "withoutPassword"],
});

usersSuite(runner, "accounts in SQLite, of a class, locked in the store's transaction,", subjectOnSqlite);

type Change = (accounts: Accounts) => { [Name in keyof Users<User>]?: any };

/** Names of all cases that failed for some accounts: at the end, each must have failed at least once. */
const shown = new Set<string>();

/** The cases that fail if one thing about the accounts is wrong, and what the first one says. */
async function broken(
  change: Change,
  without: readonly (UsersPart | "transaction")[] = [],
): Promise<{ names: string[]; reasons: string[] }> {
  const failed = { names: [] as string[], reasons: [] as string[] };
  for (const one of usersCases) {
    if (one.needs && without.includes(one.needs)) continue;
    const { close, ...subject } = subjectOnSqlite() as UsersSubject<User> & { close: () => void };
    const given = subject.users as Accounts;
    const users = Object.assign(Object.create(given), change(given)) as Users<User>;
    const parts = { ...subject, users } as Record<string, unknown>;
    for (const part of without) delete parts[part];
    if (without.includes("lock")) Object.assign(users, { lock: undefined });
    await one.run(parts as any).catch(({ message }) => {
      failed.names.push(one.name);
      failed.reasons.push(message);
    });
    close();
  }
  for (const name of failed.names) shown.add(name);
  return failed;
}

const namesOf = async (...given: Parameters<typeof broken>) => (await broken(...given)).names;

const races = [
  "of 16 concurrent callers of setPassword in one state, exactly one gets true",
  "an account without a password gets its first one, and exactly one of the concurrent callers sets it",
];
const single = "setPassword returns false if any single value of expected has changed, and changes nothing";

it("the accounts that the controls are made of are good, without a lock as well", async () => {
  expect(await namesOf(() => ({}))).toEqual([]);
  expect(await namesOf(() => ({}), ["lock"])).toEqual([]);
});

describe("of the look-ups, the users suite finds", () => {
  it("an identifierOf, an idOf and an addressOf that fit nothing", async () => {
    const unknown = "findByIdentifier finds the account, and nothing for an unknown identifier";
    expect(await namesOf(() => ({ identifierOf: () => "someone" }))).toEqual([unknown]);
    expect((await broken(() => ({ idOf: () => 99 }))).reasons).toContain(
      "users.findById doesn't find the id that users.idOf returned.",
    );
    expect(
      await namesOf(() => ({
        addressOf: () => "Ada <ada@example.com>",
        identifierOf: () => [identifier, "ada@home.example"],
      })),
    ).toEqual(["addressOf returns email addresses that resetkit sends to"]);
  });

  it("a findByIdentifier that finds someone for every identifier", async () => {
    expect(await namesOf((accounts) => ({ findByIdentifier: () => [accounts.findById(7)] }))).toContain(
      "findByIdentifier finds the account, and nothing for an unknown identifier",
    );
  });

  it("an account that may not be reset", async () => {
    expect(await namesOf(() => ({ mayReset: () => undefined }))).toEqual([
      "mayReset returns true for the account",
    ]);
  });

  it("a stateOf without the password, and one that is never the same", async () => {
    expect(await namesOf(() => ({ stateOf: ({ email }: User) => [email] }))).toContain(
      "setPassword returns true, and the state changes",
    );
    let reads = 0;
    expect(await namesOf(() => ({ stateOf: () => [++reads] }))).toContain(
      "stateOf returns the same values while nothing changes",
    );
  });

  it("a findById that is behind the times", async () => {
    const names = await namesOf((accounts) => {
      const seen = new Map<unknown, unknown>();
      return {
        findById: (id: unknown) => seen.get(id) ?? seen.set(id, accounts.findById(id)).get(id),
      };
    });
    expect(names[0]).toBe("setPassword returns true, and the state changes");
  });
});

/** What one look-up does to an account that another one doesn't; what the case is called; what it says. */
const disagreements: readonly (readonly [string, (user: any) => unknown, string, string])[] = [
  [
    "an id that is a number in one and text in the other",
    (user) => ({ ...user, id: String(user.id) }),
    "the same id, of the same type",
    "users.idOf() is number from findByIdentifier and string from",
  ],
  [
    "a second email address that is in one of them",
    (user) => ({ ...user, secondEmail: null }),
    "the same email addresses",
    "users.addressOf() returns different email addresses for the accounts of findByIdentifier and",
  ],
  [
    "a column that isn't selected in one of them",
    ({ hash: _, ...user }) => user,
    "every value of stateOf, with no column left out",
    "users.stateOf()[0] is string from findByIdentifier and undefined from",
  ],
  [
    "a boolean that is 1 in the other",
    (user) => ({ ...user, active: Number(user.active) }),
    "booleans as booleans, or numbers, alike",
    "users.stateOf()[2] is boolean from findByIdentifier and number from",
  ],
  [
    "a Date that is text in the other",
    (user) => ({ ...user, changedAt: user.changedAt.toISOString() }),
    "times as Dates, or text, alike",
    "users.stateOf()[3] is Date from findByIdentifier and string from",
  ],
  [
    "a value that is another one",
    (user) => ({ ...user, email: user.email.toUpperCase() }),
    "the same values of stateOf",
    "users.stateOf()[1] is one string from findByIdentifier and another from",
  ],
];

describe.each(["findById", "lock"] as const)(
  "the users suite compares findByIdentifier and %s: it finds",
  (by) => {
    it.each(disagreements)("%s", async (_, differing, what, reason) => {
      const { names, reasons } = await broken((accounts) => ({
        [by]: (id: unknown) => differing(accounts.findById(id)),
      }));
      const at = names.indexOf(`${by} and findByIdentifier return ${what}`);
      expect(reasons[at]).toContain(`${reason} ${by}.`);
      const others = disagreements.map(([, , other]) => `${by} and findByIdentifier return ${other}`);
      expect(names.filter((name) => others.includes(name) && name !== names[at])).toEqual(
        // The same column is an email address and a value of the state.
        what === "the same values of stateOf"
          ? [`${by} and findByIdentifier return the same email addresses`]
          : [],
      );
    });
  },
);

it("the users suite finds a findByIdentifier that puts what was typed into the account", async () => {
  const { reasons } = await broken((accounts) => ({
    findByIdentifier: (typed: string) =>
      accounts.findByIdentifier(typed).map((user) => ({ ...user, email: typed })),
    addressOf: ({ email }: User) => email,
    identifierOf: ({ email }: User) => email,
  }));
  expect(reasons[0]).toContain("users.addressOf() returns different email addresses");
});

describe("of setPassword, the users suite finds one that", () => {
  it("looks first and writes afterwards", async () => {
    const lookFirst: Change = (accounts) => ({
      async setPassword(user: User, hash: string, { expected }: any) {
        const isAsExpected =
          JSON.stringify(accounts.stateOf(accounts.findById(user.id)!)) === JSON.stringify(expected);
        await pause();
        return isAsExpected && accounts.update("true", user.id, hash, []);
      },
    });
    expect(await namesOf(lookFirst, ["lock"])).toEqual(races);
  });

  it("looks at nothing", async () => {
    const { names, reasons } = await broken((accounts) => ({
      setPassword: ({ id }: User, hash: string) => accounts.update("true", id, hash, []),
    }));
    expect(names).toEqual([
      "setPassword returns false for an outdated state, and changes nothing",
      single,
      ...races,
    ]);
    expect(reasons[1]).toContain("although expected[0] wasn't the account's");
  });

  it.each([
    ["the hash", 0, "? is ? and email is ? and active is ? and changed_at is ?"],
    ["the email address", 1, "hash is ? and ? is ? and active is ? and changed_at is ?"],
    ["the status", 2, "hash is ? and email is ? and ? is ? and changed_at is ?"],
    ["the time of the last change", 3, "hash is ? and email is ? and active is ? and ? is ?"],
  ])("doesn't compare %s", async (_, index, where) => {
    const { names, reasons } = await broken((accounts) => ({
      setPassword({ id }: User, hash: string, { expected }: any) {
        const values = [...expected];
        values.splice(index, 0, expected[index]);
        return accounts.update(where, id, hash, values);
      },
    }));
    expect(names).toContain(single);
    expect(reasons[names.indexOf(single)]).toContain(`although expected[${index}] wasn't the account's`);
  });

  it("takes a missing value for any value", async () => {
    expect(
      await namesOf((accounts) => ({
        setPassword: ({ id }: User, hash: string, { expected: [old, ...rest] }: any) =>
          accounts.update(
            "(? is null or hash is ?) and email is ? and active is ? and changed_at is ?",
            id,
            hash,
            [...[old, old], ...rest],
          ),
      })),
    ).toEqual([single, races[1]]);
  });

  it("compares with =, so that an account without a password never gets one", async () => {
    const { names, reasons } = await broken((accounts) => ({
      setPassword: ({ id }: User, hash: string, { expected }: any) =>
        accounts.update("hash = ? and email is ? and active is ? and changed_at is ?", id, hash, expected),
    }));
    expect(names).toEqual([races[1]]);
    expect(reasons[0]).toContain("is not distinct from");
  });

  it("returns nothing", async () => {
    const { reasons } = await broken(() => ({ setPassword: () => undefined }));
    expect(reasons).toContain("users.setPassword must return true or false.");
  });
});

describe("the users suite also finds", () => {
  it("a hash without a salt", async () => {
    expect(
      await namesOf(() => ({
        hashPassword: (password: string) => createHash("sha256").update(password).digest("hex"),
      })),
    ).toEqual([
      "the state changes even if the new password is the old one",
      "hashPassword returns a different string each time",
    ]);
  });

  it.each<[string, Change]>([
    ["does nothing", () => ({ revokeSessions: () => undefined })],
    ['is "none" though there are sessions', () => ({ revokeSessions: "none" })],
    [
      "ends everyone's sessions",
      ({ db }) => ({ revokeSessions: () => db.prepare("delete from sessions").run() }),
    ],
  ])("a revokeSessions that %s", async (_, change) => {
    expect(await namesOf(change)).toEqual(["revokeSessions ends every session of the account, and no other"]);
  });

  it("a lock that returns what was read before", async () => {
    const names = await namesOf((accounts) => {
      const seen = accounts.findById(7);
      return { lock: () => seen };
    });
    expect(names).toContain("lock returns the account as it is in the transaction");
  });

  it("a lock that lets every caller through", async () => {
    const names = await namesOf((accounts) => {
      const seen = accounts.findById(7);
      return {
        lock: () => seen,
        setPassword: ({ id }: User, hash: string) => accounts.update("true", id, hash, []),
      };
    });
    expect(names).toContain(
      "of 16 concurrent transactions that lock, compare and change, exactly one finds the state as expected",
    );
  });

  it("a setPassword that writes outside the transaction", async () => {
    const outside = await broken((accounts) => {
      const kept = new Map<number, string>();
      return {
        setPassword(user: User, hash: string) {
          kept.set(user.id, hash);
          return true;
        },
        findById: (id: number) => ({ ...accounts.findById(id), ...(kept.has(id) && { hash: kept.get(id) }) }),
      };
    });
    expect(outside.names).toContain("a transaction that throws leaves the password as it was");
  });

  it("that there is no transaction for the lock", async () => {
    const names = await namesOf(() => ({}), ["transaction"]);
    expect(names).toEqual(usersCases.filter((one) => one.needs === "lock").map((one) => one.name));
  });

  it("every promise broken, in one of these controls", () => {
    expect(usersCases.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe("cases of a part that isn't there", () => {
  type Test = (...context: unknown[]) => Promise<void>;
  const make = () => ({ users: people(identifier).users, identifier });
  const registered = (lacks?: readonly UsersPart[]) => {
    const tests = new Map<string, Test>();
    const register = (name: string, body: Test) => tests.set(name, body);
    usersSuite({ it: register }, "accounts", make, { ...(lacks && { lacks }) });
    return tests;
  };
  const needing = (part: UsersPart) => usersCases.find(({ needs }) => needs === part)!.name;

  it.each(["lock", "hashPassword", "sessions", "withoutPassword"] as const)(
    "are skipped: %s",
    async (part) => {
      const notes: string[] = [];
      const context = { skip: (note: string) => void notes.push(note) };
      await registered().get(needing(part))!(context);
      await registered()
        .get(needing(part))!
        .call(context as never);
      expect(notes).toEqual([`The accounts have no ${part}.`, `The accounts have no ${part}.`]);
    },
  );

  it("fail if the test runner can't skip, and aren't registered if the part is named", async () => {
    await expect(registered().get(needing("lock"))!()).rejects.toThrow('Pass { lacks: ["lock"] }.');
    const tests = registered(["lock"]);
    expect([...tests.keys()].filter((name) => /^lock /.test(name))).toEqual([]);
    await tests.get("has no lock, and doesn't seem to")!();
  });

  it("are missed if a part is named that is there (control)", async () => {
    const tests = new Map<string, Test>();
    usersSuite({ it: (name, body) => tests.set(name, body) }, "accounts", subjectOnSqlite, {
      lacks: ["lock"],
    });
    await expect(tests.get("has no lock, and doesn't seem to")!()).rejects.toThrow(
      'Remove "lock" from lacks.',
    );
  });

  it("declare no parameter, which a test runner would take for a callback to wait for", () => {
    expect([...registered().values()].every((body) => body.length === 0)).toBe(true);
  });
});

it("the users suite needs a test runner", () => {
  expect(() => usersSuite({}, "accounts", () => ({ users: people().users, identifier }))).toThrow(
    "Pass { describe, it }",
  );
});
