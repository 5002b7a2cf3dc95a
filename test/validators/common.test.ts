import { describe, expect, it } from "vitest";
import { common } from "../../src/validators/common.js";
import { packed } from "../../src/validators/common/passwords.js";
import { nobody } from "./context.js";

const check = async (password: string, options = {}) => common(options)(password, nobody);

describe("common", () => {
  it.each([
    "password",
    "1234",
    "12345678",
    "qwerty123",
    "letmein",
    "trustno1",
    "00000000",
    "aaaaaaaa",
    "zzzzzz",
  ])("refuses %s", async (password) => {
    expect(await check(password)).toEqual({
      code: "too_common",
      message: "This password is too common. Choose one that's harder to guess.",
    });
  });

  it("looks at neither case nor blanks around it", async () => {
    expect(await check("PassWord")).toMatchObject({ code: "too_common" });
    expect(await check("  password ")).toMatchObject({ code: "too_common" });
  });

  it.each([
    "correct horse battery staple",
    "passwordpasswordpassword",
    "pass word",
    "kT9#vLq2",
    "",
    "a".repeat(5_000_000),
  ])("accepts another %#", async (password) => {
    expect(await check(password)).toBeNull();
  });

  it("refuses words of the application's own", async () => {
    expect(await check("ACME corp", { also: ["Acme Corp"] })).toMatchObject({ code: "too_common" });
    expect(await check("acme", { also: new Set(["Acme Corp"]) })).toBeNull();
  });

  it.each([[{ also: "acme" }], [{ also: [1] }], [{ also: ["x".repeat(65)] }]])("refuses %j", (options) => {
    expect(() => common(options as object)).toThrow("common's also must be an array of words");
  });

  it("knows 20,324 passwords, sorted, lower-case and of at most 64 characters", async () => {
    const starts = packed.match(/[A-Z]/g);
    expect(starts).toHaveLength(20_324);
    expect(packed.length).toBeLessThan(75_000);
    expect(packed).toMatch(/^[\n!-_a-z{|}~]+$/);
  });
});
