import { performance } from "node:perf_hooks";
import { describe, expect, it } from "vitest";
import { similar } from "../../src/validators/similar.js";

const ada = {
  username: "ada_lovelace",
  firstName: "Augusta",
  last_name: "King-Noel",
  email: "countess@analytical.example",
  age: 36,
};

const check = (password: string, user: unknown = ada, identifiers: string[] = [], options = {}) =>
  similar(options)(password, { user, identifiers });

describe("similar", () => {
  it.each([
    ["ada_lovelace", "username"],
    ["Ada_Lovelace1", "username"],
    ["ecalevol_ada", "username"],
    ["augusta1", "firstName"],
    ["king-noel!", "lastName"],
    ["leon123", "lastName"],
    ["xnoelx", "lastName"],
    ["countess99", "email"],
    ["analytical", "email"],
    ["countess@analytical.example", "email"],
    ["correct horse battery staple", undefined],
    ["", undefined],
  ])("judges %s like %s", (password, attribute) => {
    expect(check(password) ?? undefined).toEqual(
      attribute && expect.objectContaining({ code: "too_similar", params: { attribute } }),
    );
  });

  it("says what the password is like in words", () => {
    expect(check("augusta1")).toMatchObject({ message: "This is too similar to your first name." });
  });

  it("compares with what the account can be asked for by", () => {
    expect(check("lovelace1", {}, ["lovelace"])).toMatchObject({ params: { attribute: "username" } });
    expect(check("lovelace1", null, ["lovelace@example.com"])).toMatchObject({
      params: { attribute: "email" },
    });
  });

  it("refuses from the threshold on, exactly", () => {
    // Seven letters in common of 10 + 10 is 0.7; six is 0.6.
    expect(check("abcdefgxyz", { name: "abcdefg123" })).toMatchObject({ code: "too_similar" });
    expect(check("abcdefwxyz", { name: "abcdef1234" })).toBeNull();
    expect(check("abcdefwxyz", { name: "abcdef1234" }, [], { threshold: 0.6 })).toMatchObject({
      code: "too_similar",
    });
  });

  it("compares with attributes of one's own, and leaves out what is no text", () => {
    const attributes = (user: { nick: string }) => ({ nickname: user.nick, born: 1815, none: null });
    expect(check("enchantress", { nick: "Enchantress" }, [], { attributes })).toEqual({
      code: "too_similar",
      params: { attribute: "nickname" },
      message: "This is too similar to your nickname.",
    });
    expect(check("18151815", { nick: "" }, [], { attributes })).toBeNull();
  });

  it("is done in a moment, whatever the account is called", () => {
    const nasty = ["a".repeat(1e6), "a ".repeat(5e5), "a.".repeat(127), "😀".repeat(1e5), "\0".repeat(1e5)];
    const user = {
      username: nasty[0],
      name: nasty[1],
      firstName: nasty[2],
      lastName: nasty[3],
      email: nasty[4],
    };
    const started = performance.now();
    for (const password of [...nasty, "ab".repeat(120)]) check(password, user, nasty);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it.each([
    [{ threshold: 0 }, "similar's threshold is 0. Use a number from 0.1 to 1."],
    [{ threshold: Number.NaN }, "similar's threshold is NaN"],
    [{ attributes: ["email"] }, "similar's attributes must be a function: pass a function such as"],
    [{ max: 1 }, 'similar has no option "max"'],
  ])("refuses %j", (options, sentence) => {
    expect(() => similar(options as object)).toThrow(TypeError);
    expect(() => similar(options as object)).toThrow(sentence);
  });
});
