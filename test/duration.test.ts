import { describe, expect, it } from "vitest";
import { milliseconds } from "resetkit/duration";

describe("a duration", () => {
  it.each([
    ["1ms", 1],
    ["90s", 90_000],
    ["15m", 900_000],
    ["1.5h", 5_400_000],
    ["24 h", 86_400_000],
    ["7d", 604_800_000],
    ["3650d", 315_360_000_000],
    ["0.5ms", 1],
    [1, 1],
    [1500.4, 1500],
    [315_360_000_000, 315_360_000_000],
  ])("%j is %d ms", (given, expected) => {
    expect(milliseconds(given, "x")).toBe(expected);
  });

  it.each([
    "",
    "soon",
    "15",
    "15 minutes",
    "-1h",
    "+1h",
    "1h30m",
    " 1h",
    "1h ",
    "1  h",
    "1H",
    "1e3s",
    "1.s",
    ".5s",
    "1,5h",
    "1.0006s",
    "0s",
    "0.4ms",
    "0h",
    "3651d",
    "9999999999d",
    "١h",
    "1h\n",
    0,
    0.4,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    315_360_000_001,
    10n,
    null,
    undefined,
    true,
    {},
    [5],
    ["1h"],
  ] as any[])("%s is none, and the sentence names the option", (given) => {
    expect(() => milliseconds(given, "lifetime")).toThrow(TypeError);
    expect(() => milliseconds(given, "lifetime")).toThrow(
      /^lifetime is .*, which isn't a duration. Use a number and a unit, such as "15m", "24h", or "7d"\.$/,
    );
  });

  it("is shown as it was given", () => {
    expect(() => milliseconds("soon", "lifetime")).toThrow('lifetime is "soon", which');
    expect(() => milliseconds(Number.NaN, "lifetime")).toThrow("lifetime is NaN, which");
    expect(() => milliseconds(undefined as never, "lifetime")).toThrow("lifetime is undefined, which");
  });
});
