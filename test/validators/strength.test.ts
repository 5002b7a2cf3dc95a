import * as german from "@zxcvbn-ts/language-de";
import { describe, expect, it } from "vitest";
import { strength } from "resetkit/validators/strength";
import { createHandler } from "resetkit/http";
import { utf8 } from "../../src/crypto/encoding.js";
import { makeKit } from "../kit.js";

const ada = { name: "Augusta Wyndham", email: "ada@example.com" };
const judge = async (password: string, options = {}, user: unknown = ada) => {
  const problem = await strength(options)(password, { user, identifiers: ["ada@example.com"] });
  return (problem as { code: string } | null)?.code ?? "accepted";
};

describe("strength", () => {
  it.each([
    ["password1", "too_weak"],
    ["P4ssw0rd!", "too_weak"],
    ["qwertyuiop[", "too_weak"],
    ["20.03.1987", "too_weak"],
    ["aaaaaaaaaaaaaaaaaaaaaaaa", "too_weak"],
    ["thunder marmalade quay", "accepted"],
    ["Kd7#vPq2!sWz", "accepted"],
  ])("judges %s: %s", async (password, expected) => expect(await judge(password)).toBe(expected));

  it("knows the account's own words, and those that it's given", async () => {
    for (const word of ["wyndham", "xylorimba"]) {
      const password = `${word}2024`;
      // Control: without the word, the same password passes.
      expect(await judge(password, { min: 2 }, {})).toBe("accepted");
      const words = word === "xylorimba" ? { words: ["Xylorimba"] } : {};
      expect(await judge(password, { min: 2, ...words })).toBe("too_weak");
    }
    expect(
      await judge("xylorimba2024", { min: 2, words: (user: typeof ada) => [user.name, "xylorimba"] }),
    ).toBe("too_weak");
  });

  it("takes the words of further languages", async () => {
    expect(await judge("schmetterling2024")).toBe("accepted");
    expect(await judge("schmetterling2024", { languages: [german] })).toBe("too_weak");
  });

  it("accepts from the lowest score on", async () => {
    const accepted = async (min: number) =>
      (await judge("Schmetterling7", { min, languages: [german] })) === "accepted";
    const [one, four] = [await accepted(1), await accepted(4)];
    expect([one, four]).toEqual([true, false]);
  });

  it("A84: rates a password of any length in bounded time", async () => {
    const validate = strength();
    await validate("warm-up", { user: ada, identifiers: [] });
    const worst = ["4@8({[<3690!1|5$7+%2", "1!|[", "p4ssw0rd1", "aA1!", "0123456789"];
    for (const part of worst) {
      const cpu = process.cpuUsage();
      await validate(part.repeat(1_024 / part.length), { user: ada, identifiers: [] });
      const { user } = process.cpuUsage(cpu);
      // A tenth of what a validator may take. Whole, each of these takes more than that limit.
      expect(user / 1_000).toBeLessThan(400);
    }
  });

  it("explains itself in English and German, and the token stays valid", async () => {
    const kit = makeKit({ validators: [strength()] });
    const handler = createHandler(kit.reset, { log: kit.log });
    const { token } = await kit.ask("ada@example.com");
    const confirm = async (language: string, password: string) =>
      (await handler.plain({
        ...{ method: "POST", path: "/api/password_reset/confirm/", query: "" },
        header: (name) => ({ "content-type": "application/json", "accept-language": language })[name],
        body: () => ({ kind: "bytes", bytes: utf8(JSON.stringify({ token, password })) }),
      }))!;
    for (const [language, sentence] of [
      ["en", "This password is easy to guess. Add another word or two."],
      ["de", "Dieses Passwort ist leicht zu erraten. Fügen Sie noch ein oder zwei Wörter hinzu."],
    ] as const) {
      const { status, body } = await confirm(language, "P4ssw0rd!");
      expect([status, JSON.parse(body as string)]).toEqual([400, { password: [sentence] }]);
    }
    expect((await confirm("en", "thunder marmalade quay")).status).toBe(200);
  });

  it.each([
    [{ min: 0 }],
    [{ min: 5 }],
    [{ min: 2.5 }],
    [{ words: "acme" }],
    [{ words: [7] }],
    [{ languages: [{}] }],
    [{ languages: german }],
    [{ score: 3 }],
  ])("refuses %j at construction", (options) => expect(() => strength(options as never)).toThrow(TypeError));
});
