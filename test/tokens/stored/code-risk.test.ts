import { describe, expect, it } from "vitest";
import { randomNumber, randomString } from "resetkit/tokens/generators";
import { logGuessingRisk } from "../../../src/tokens/stored/code-risk.js";
import { storedTokens } from "resetkit/tokens/stored";
import type { Generator, StrategyContext } from "resetkit/types";
import { keptLog, makeKit } from "../../kit.js";
import { day } from "../bench.js";

const tenMinutes = 600_000;

/** What is said of a generator at start. */
function said(
  generator: Generator,
  { bound = true, codeLifetime = tenMinutes, ...context }: Record<string, any> = {},
): string[] {
  const log = keptLog();
  const rest = { lifetime: day, maxLive: 1, ...context } as StrategyContext;
  logGuessingRisk(generator, { bound, codeLifetime, context: { ...rest, log } });
  return log.lines;
}

describe("the odds of codes", () => {
  it.each<[string, Generator, string, string]>([
    ["six digits", randomNumber({ digits: 6 }), "19.8 bits (about 900,000 values)", "1.1"],
    ["eight digits", randomNumber(), "26.4 bits (about 90,000,000 values)", "0.011"],
    ["a range", randomNumber({ min: 0, max: 999_999 }), "19.9 bits (about 1,000,000 values)", "1.0"],
    [
      "eight letters for people",
      randomString({ length: 8, alphabet: "crockford" }),
      "40.0 bits (about 1,099,511,627,776 values)",
      "9.1e-7",
    ],
  ])("of %s are guesses divided by values", (_, generator, size, perMillion) => {
    expect(said(generator)).toEqual([
      `info: Codes have ${size} and five attempts each: expect ${perMillion} takeovers per million guesses.`,
    ]);
  });

  it("grow with the codes that an account can have at once", () => {
    expect(said(randomNumber(), { maxLive: 3 })).toEqual([
      "info: Codes have 26.4 bits (about 90,000,000 values) and five attempts each: expect 0.011 takeovers per million guesses, and up to 3 times as many for accounts with 3 valid codes.",
    ]);
  });

  it("of codes that are looked up across accounts are those of a hundred targets, for as long as they live", () => {
    const five = randomNumber({ min: 10_000, max: 99_999 });
    const sentence = (life: string) =>
      `warn: storedTokens({ bound: false }) looks codes of 16.5 bits (about 90,000 values) up across all accounts. With 100 valid codes, one in about 900 guesses takes over an account${life}. Set throttles for validate and confirm, or remove bound: false.`;
    expect(said(five, { bound: false })).toEqual([sentence(" while they're valid (24 h)")]);
    expect(said(five, { bound: false, lifetime: day / 16 })).toEqual([
      sentence(" while they're valid (1.5 h)"),
    ]);
    expect(said(five, { bound: false, lifetime: undefined })).toEqual([sentence("")]);
  });

  it("come with a warning where codes live for more than ten minutes", () => {
    const warning =
      'warn: codeLifetime is above 10 minutes, the most that NIST SP 800-63B-4 allows. Set it to "10m".';
    expect(said(randomNumber(), { codeLifetime: tenMinutes + 1 })[0]).toBe(warning);
    expect(said(randomNumber(), { codeLifetime: tenMinutes })).toHaveLength(1);
  });

  it("are said by an engine that has codes, and by no other", async () => {
    const lines = async (tokens: ReturnType<typeof storedTokens>) => {
      const kit = makeKit({ tokens });
      await kit.ask("ada@example.com");
      return kit.log.lines;
    };
    const [warning, odds] = await lines(storedTokens({ generator: randomNumber(), codeLifetime: "11m" }));
    expect(warning).toMatch(/^warn: codeLifetime is above 10 minutes/);
    expect(odds).toMatch(/^info: Codes have 26\.4 bits .* 3 valid codes\.$/);
    expect(await lines(storedTokens({ generator: randomNumber({ digits: 5 }), bound: false }))).toEqual([
      expect.stringMatching(/^warn: .* one in about 900 guesses takes over an account/),
    ]);
    expect(await lines(storedTokens({ generator: randomString({ length: 32 }) }))).toEqual([]);
  });
});
