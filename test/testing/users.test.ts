import Database from "better-sqlite3";
import { createHash, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { sqlStore } from "resetkit/stores/sql";
import { usersCases, usersSuite, type UsersSubject } from "resetkit/testing";
import type { Users } from "resetkit/types";
import { people, type Person } from "../kit.js";

const runner = { describe, it };
const identifier = "ada@example.com";
const pause = () => new Promise((resolve) => setImmediate(resolve));

usersSuite(runner, "accounts in a map", () => ({ users: people(identifier).users, identifier }));

interface Row {
  readonly id: number;
  readonly email: string;
  readonly hash: string;
}

usersSuite(runner, "accounts in SQLite, locked in the store's transaction,", () => {
  const db = new Database(":memory:");
  db.exec("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, hash TEXT)");
  db.prepare("INSERT INTO users VALUES (7, ?, 'none yet')").run(identifier);
  const byId = db.prepare<unknown[], Row>("SELECT * FROM users WHERE id = ?");
  const update = db.prepare("UPDATE users SET hash = ? WHERE id = ? AND hash = ?");
  const users: Users<Row> = {
    findByIdentifier: (email) =>
      db.prepare<unknown[], Row>("SELECT * FROM users WHERE email = ?").all(email.toLowerCase()),
    findById: (id) => byId.get(id),
    stateOf: ({ hash, email }) => [hash, email],
    setPassword: ({ id }, hash, { expected }) => update.run(hash, id, expected[0]).changes === 1,
    async hashPassword(password) {
      const salt = randomBytes(8);
      const hash = (await promisify(scrypt)(password, salt, 32)) as Buffer;
      return `${salt.toString("hex")}:${hash.toString("hex")}`;
    },
    lock: (id) => byId.get(id),
    revokeSessions: "none",
  };
  const { transaction } = sqlStore(betterSqlite3(db));
  return { users, identifier, transaction: transaction!, close: () => db.close() };
});

/** Which cases fail where one thing about the accounts is as it often is. */
async function broken(
  change: (subject: ReturnType<typeof people>) => Partial<Users<Person>>,
): Promise<string[]> {
  const names: string[] = [];
  for (const one of usersCases) {
    const accounts = people(identifier);
    const users = { ...accounts.users, ...change(accounts) } as Users<Person>;
    const subject: UsersSubject<Person> = { users, identifier };
    if (one.needs && !users[one.needs]) continue;
    await one.run(subject).catch(() => names.push(one.name));
  }
  return names;
}

describe("the users suite", () => {
  it("finds a setPassword that looks first and writes afterwards", async () => {
    const names = await broken(({ byId }) => ({
      async setPassword({ id }, password, { expected }) {
        const hash = byId.get(id)!.passwordHash;
        await pause();
        if (hash !== expected[0]) return false;
        byId.get(id)!.passwordHash = `${randomBytes(8).toString("hex")}${password}`;
        return true;
      },
    }));
    expect(names).toEqual(["of 16 simultaneous callers of setPassword in one state one is told true"]);
  });

  it("finds a setPassword that does not look at all", async () => {
    const names = await broken(({ byId }) => ({
      setPassword({ id }, password) {
        byId.get(id)!.passwordHash = `${randomBytes(8).toString("hex")}${password}`;
        return true;
      },
    }));
    expect(names).toEqual([
      "setPassword says false to a state that is over, and changes nothing",
      "of 16 simultaneous callers of setPassword in one state one is told true",
    ]);
  });

  it("finds a hash without a salt", async () => {
    const names = await broken(({ byId }) => ({
      setPassword({ id }, password, { expected }) {
        if (byId.get(id)!.passwordHash !== expected[0]) return false;
        byId.get(id)!.passwordHash = createHash("sha256").update(password).digest("hex");
        return true;
      },
    }));
    expect(names).toEqual(["the state changes even where the new password is the old one"]);
  });

  it("finds a setPassword that does not answer", async () => {
    const names = await broken(() => ({ setPassword: () => undefined as never }));
    expect(names).toHaveLength(4);
  });

  it("finds a findById that is behind the times", async () => {
    const names = await broken(({ users }) => {
      const seen = new Map<number, any>();
      return {
        findById: (id, context) => seen.get(id) ?? seen.set(id, users.findById(id, context)).get(id),
      };
    });
    expect(names.length).toBeGreaterThan(1);
    expect(names[0]).toBe("setPassword says true, and the state changes");
  });

  it("finds an idOf, an identifierOf and an addressOf that fit nothing", async () => {
    expect(await broken(() => ({ idOf: () => 99 }))).toContain("findById gives back what idOf names");
    expect(await broken(() => ({ identifierOf: () => "someone" }))).toEqual([
      "findByIdentifier finds the account, and nothing for an identifier that nobody has",
    ]);
    expect(await broken(() => ({ addressOf: () => "Ada <ada@example.com>" }))).toEqual([
      "the stored address is one that resetkit sends to",
    ]);
  });

  it("finds a stateOf without the password, and one that is never the same", async () => {
    expect(await broken(() => ({ stateOf: ({ email }) => [email] }))).toContain(
      "setPassword says true, and the state changes",
    );
    let reads = 0;
    expect(await broken(() => ({ stateOf: () => [++reads] }))).toContain(
      "stateOf is the same for as long as nothing changes",
    );
  });

  it("asks for a transaction where there is a lock", async () => {
    const names = await broken(({ users }) => ({ lock: (id) => users.findById(id, {}) }));
    expect(names).toEqual(usersCases.filter((one) => one.needs === "lock").map((one) => one.name));
  });

  it("needs a test runner", () => {
    expect(() => usersSuite({}, "accounts", () => ({ users: people().users, identifier }))).toThrow(
      "pass { describe, it }",
    );
  });
});
