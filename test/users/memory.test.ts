import { hash } from "@node-rs/argon2";
import { describe, expect, it } from "vitest";
import { usersSuite } from "resetkit/testing";
import { memoryUsers, type MemoryUser } from "resetkit/users/memory";
import { goodPassword, makeKit } from "../kit.js";
import { onDatabase } from "./people-table.js";

const list = (): MemoryUser[] => [
  { id: 1, email: "ada@example.com", passwordHash: "an old hash" },
  { id: 2, email: "new@example.com" },
];

onDatabase("memoryUsers on an array", () =>
  usersSuite(
    { describe, it },
    "memoryUsers",
    () => ({
      users: memoryUsers(list()),
      identifier: "ADA@example.com",
      withoutPassword: "new@example.com",
    }),
    { lacks: ["lock", "sessions"] },
  ),
);

describe("memoryUsers", () => {
  it("resets the password of the account that was passed, with the application's hash", async () => {
    const ada: MemoryUser = { id: "a", email: "ada@example.com" };
    const users = memoryUsers([ada], { hashPassword: (password) => hash(password) });
    const { reset, ask } = makeKit({ users: users as never });
    const { token } = await ask("ada@example.com");
    await reset.confirm({ token, password: goodPassword });
    expect(ada.passwordHash).toMatch(/^\$argon2id\$/);
    expect(await reset.validate({ token })).toBe(false);
  });

  it("never keeps a password", async () => {
    const [ada] = list() as [MemoryUser];
    const { reset, ask } = makeKit({ users: memoryUsers([ada]) as never });
    await reset.confirm({ token: (await ask("ada@example.com")).token, password: goodPassword });
    expect(JSON.stringify(ada)).not.toContain(goodPassword);
  });

  it("sends nothing to an account that isn't active", async () => {
    const users = memoryUsers([{ id: 1, email: "ada@example.com", active: false }]);
    await expect(makeKit({ users: users as never }).ask("ada@example.com")).rejects.toThrow("no mail came");
  });

  it("refuses accounts that can't be told apart, and what is no list, with the fix", () => {
    expect(() => memoryUsers([{ id: 1 } as never])).toThrow(
      /Account 0 of memoryUsers lacks an id or an email/,
    );
    expect(() => memoryUsers([...list(), { id: 2, email: "x@example.com" }])).toThrow("Use a unique id");
    expect(() => memoryUsers({} as never)).toThrow("takes an array of accounts");
  });
});
