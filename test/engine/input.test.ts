/** What is taken from a client, and what is said of the rest. */
import { describe, expect, it } from "vitest";
import {
  checkIdentifier,
  checkPassword,
  checkScope,
  checkSecondFactor,
  checkToken,
  flowOf,
  originOf,
} from "../../src/engine/input.js";
import { ResetError } from "../../src/errors.js";

/** The code of an error, and what is wrong with which field. */
function refusal(work: () => unknown): unknown {
  try {
    return { taken: work() };
  } catch (error) {
    if (!(error instanceof ResetError)) throw error;
    return [error.code, error.fields];
  }
}

const wrong = (field: string, problem: string) => ["invalid_input", { [field]: [problem] }];

describe("where a request came from", () => {
  it("is kept without characters that would break a line of a log", () => {
    const origin = originOf({ ip: "192.0.2.1\n", userAgent: "Moz\r\nilla\u0000\u200b 5", data: { a: 1 } });
    expect(origin).toEqual({ ip: "192.0.2.1", userAgent: "Mozilla 5", data: { a: 1 } });
  });

  it("is cut to what a column holds", () => {
    expect(originOf({ ip: "1".repeat(64), userAgent: "M".repeat(512) })).toEqual({
      ip: "1".repeat(64),
      userAgent: "M".repeat(512),
      data: undefined,
    });
    const { ip, userAgent } = originOf({ ip: "1".repeat(65), userAgent: "M".repeat(513) });
    expect([ip, userAgent].map((text) => text?.length)).toEqual([64, 512]);
  });

  it("may be unknown", () => {
    expect(originOf({})).toEqual({ ip: undefined, userAgent: undefined, data: undefined });
  });

  it("has at most 4 kB of data, counted in bytes", () => {
    const fits = "x".repeat(4_094);
    expect(originOf({ data: fits }).data).toBe(fits);
    expect(() => originOf({ data: `${fits}x` })).toThrow(
      "context.data is larger than 4 kB. Pass an id instead.",
    );
    expect(() => originOf({ data: "ä".repeat(2_048) })).toThrow("larger than 4 kB");
    const nothingInJson = () => undefined;
    expect(originOf({ data: nothingInJson as never }).data).toBe(nothingInJson);
  });
});

describe("a scope", () => {
  it("is a text of at most 255 bytes, or none", () => {
    for (const scope of ["north", "n", "x".repeat(254), "ä".repeat(127), `${"ä".repeat(127)}x`])
      expect(checkScope({ scope })).toBe(scope);
    expect(checkScope({})).toBe("");
    expect(checkScope({ scope: "" })).toBe("");
  });

  it.each([5, null, "a\nb", "x".repeat(256), "ä".repeat(128), ["north"]])("isn't %j", (scope) => {
    expect(refusal(() => checkScope({ scope: scope as never }))).toEqual(wrong("scope", "invalid_text"));
  });
});

describe("an identifier", () => {
  it("is a text without the white space around it", () => {
    expect(checkIdentifier({ identifier: " ada@example.com\n" })).toBe("ada@example.com");
  });

  it.each([
    ["", "blank"],
    [" \n", "blank"],
    [undefined, "not_text"],
    [null, "not_text"],
    [5, "not_text"],
    [["ada"], "not_text"],
    ["a\u0000b", "invalid_text"],
    ["x".repeat(255), "invalid_text"],
    ["ada\u200b@example.com", "invisible_character"],
  ])("isn't %j, which is %s", (identifier, problem) => {
    expect(refusal(() => checkIdentifier({ identifier }))).toEqual(wrong("identifier", problem));
  });

  it("isn't in what is no object", () => {
    for (const given of [undefined, null, 5, "ada"])
      expect(refusal(() => checkIdentifier(given))).toEqual(wrong("identifier", "not_text"));
  });
});

describe("a token", () => {
  it("is a text of at most 512 characters, with an identifier or without", () => {
    expect(checkToken({ token: "t" })).toEqual({ token: "t", identifier: undefined });
    expect(checkToken({ token: "t".repeat(512) }).token).toHaveLength(512);
    expect(checkToken({ token: "t", identifier: " ada " })).toEqual({ token: "t", identifier: "ada" });
  });

  it("that is longer was never made", () => {
    expect(refusal(() => checkToken({ token: "t".repeat(513) }))).toEqual(["invalid_token", {}]);
  });

  it.each([
    ["", "blank"],
    [undefined, "not_text"],
    [null, "not_text"],
    [5, "not_text"],
    [["t"], "not_text"],
  ])("isn't %j, which is %s", (token, problem) => {
    expect(refusal(() => checkToken({ token }))).toEqual(wrong("token", problem));
  });

  it("isn't in what is no object, and its identifier is checked, too", () => {
    for (const given of [undefined, null, 5])
      expect(refusal(() => checkToken(given))).toEqual(wrong("token", "not_text"));
    for (const identifier of ["", null])
      expect(refusal(() => checkToken({ token: "t", identifier }))).toEqual(
        wrong("identifier", identifier === "" ? "blank" : "not_text"),
      );
  });
});

describe("a flow", () => {
  it("is 43 characters of base64url, or nothing is made of it", () => {
    const flow = `${"Ab9_-".repeat(8)}xyz`;
    expect(flowOf({ flow })).toBe(flow);
    for (const other of [
      `${flow}x`,
      flow.slice(1),
      `${flow.slice(1)}=`,
      `x${flow}`,
      [flow],
      5,
      null,
      undefined,
    ])
      expect(flowOf({ flow: other })).toBe(undefined);
    for (const given of [undefined, null, 5]) expect(flowOf(given)).toBe(undefined);
  });
});

describe("a password", () => {
  it("is any text, exactly as it was typed", () => {
    for (const password of [" x ", "\u0000", "😀", "x".repeat(5_000)])
      expect(checkPassword({ password })).toBe(password);
  });

  it.each([
    ["", "blank"],
    [undefined, "not_text"],
    [5, "not_text"],
    [["secret"], "not_text"],
    ["half \ud83d", "not_well_formed"],
    ["\ude00 half", "not_well_formed"],
  ])("isn't %j, which is %s", (password, problem) => {
    expect(refusal(() => checkPassword({ password }))).toEqual(wrong("password", problem));
  });

  it("isn't in what is no object", () => {
    for (const given of [undefined, null])
      expect(refusal(() => checkPassword(given))).toEqual(wrong("password", "not_text"));
  });
});

describe("a second factor", () => {
  it("is a text without the white space around it, or none", () => {
    expect(checkSecondFactor({ secondFactor: " 123 456 " })).toBe("123 456");
    for (const given of [undefined, null, {}, { secondFactor: "" }])
      expect(checkSecondFactor(given)).toBe(undefined);
  });

  it.each([5, null, ["123"], "1\n2", "1".repeat(255)])("isn't %j", (secondFactor) => {
    expect(refusal(() => checkSecondFactor({ secondFactor }))).toEqual(
      wrong("second_factor", "invalid_text"),
    );
  });
});
