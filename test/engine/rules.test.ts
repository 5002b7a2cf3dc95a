/** What users are told about passwords before they choose one. */
import { describe, expect, it } from "vitest";
import { rulesOf } from "../../src/engine/rules.js";
import { length } from "../../src/validators/length.js";
import { makeKit, people } from "../kit.js";

const rejectsNothing = () => undefined;

describe("rules()", () => {
  it("names the longest minimum of the validators, or none", async () => {
    const least = async (...validators: Parameters<typeof rulesOf>[0] & unknown[]) =>
      (await rulesOf(validators, { revokeSessions: "none" })).minLength;
    expect(await least()).toBe(0);
    expect(await least(rejectsNothing)).toBe(0);
    expect(await least(length({ min: 12 }), rejectsNothing, length({ min: 9 }))).toBe(12);
  });

  it("knows the validators that are loaded later", async () => {
    expect(await makeKit().reset.rules()).toEqual({ minLength: 8, revokesSessions: true });
    const validators = async () => [length({ min: 10 })];
    expect(await rulesOf(validators, { revokeSessions: "none" })).toEqual({
      minLength: 10,
      revokesSessions: false,
    });
  });

  it("says whether a new password ends the sessions", async () => {
    const accounts = people("ada@example.com");
    accounts.users.revokeSessions = "none";
    expect(await makeKit({ validators: [] }, accounts).reset.rules()).toEqual({
      minLength: 0,
      revokesSessions: false,
    });
  });
});
