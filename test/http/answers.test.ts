import { describe, expect, it } from "vitest";
import { ResetError, type ErrorCode } from "../../src/errors.js";
import { createHandler } from "../../src/http/handler.js";
import type { PasswordReset, Problem } from "../../src/types.js";
import { keptLog } from "../kit.js";
import { byPlain, json } from "./drive.js";

const base = "/api/password_reset";
const confirming = json({ token: "t", password: "thunder marmalade quay" });

/** What a client gets for an error of the engine. */
async function answerTo(error: ResetError, headers: Readonly<Record<string, string>> = {}) {
  const reset = {
    request: () => Promise.reject(error),
    confirm: () => Promise.reject(error),
  } as Partial<PasswordReset> as PasswordReset;
  const drive = byPlain(createHandler(reset, { log: keptLog() }));
  const sent = { ...confirming, headers: { ...confirming.headers, ...headers } };
  const answer = await drive({ path: `${base}/confirm/`, ...sent });
  return { ...answer, body: JSON.parse(answer.body) as unknown };
}

describe("problem details", () => {
  it.each<[ErrorCode, number, string]>([
    ["second_factor", 400, "Bad Request"],
    ["vetoed", 403, "Forbidden"],
    ["invalid_token", 404, "Not Found"],
    ["method_not_allowed", 405, "Method Not Allowed"],
    ["not_acceptable", 406, "Not Acceptable"],
    ["body_timeout", 408, "Request Timeout"],
    ["body_too_large", 413, "Content Too Large"],
    ["unsupported_media_type", 415, "Unsupported Media Type"],
    ["throttled", 429, "Too Many Requests"],
    ["internal", 500, "Internal Server Error"],
    ["unsupported", 501, "Not Implemented"],
    ["unavailable", 503, "Service Unavailable"],
  ])("for %s have the status %i and its name %j", async (code, status, title) => {
    const answer = await answerTo(new ResetError(code), { accept: "application/problem+json" });
    expect(answer).toMatchObject({ status, body: { type: "about:blank", title, status, code } });
  });
});

describe("a second factor that's missing or wrong", () => {
  it("is told at its field", async () => {
    expect(await answerTo(new ResetError("second_factor"))).toMatchObject({
      status: 400,
      body: { second_factor: ["Enter the code from your authenticator app."] },
    });
  });
});

describe("a password that was rejected", () => {
  const reasons = async (problems: readonly Problem[], language = "en") => {
    const error = new ResetError("weak_password", { problems });
    return (await answerTo(error, { "accept-language": language })).body;
  };
  const message = "The validator's own words.";

  it("gets the sentence of the language, with the numbers that the validator gave", async () => {
    const problem = { code: "too_short", params: { min: 12 }, message };
    expect(await reasons([problem])).toEqual({ password: ["Use at least 12 characters."] });
    expect(await reasons([problem], "de")).toEqual({ password: ["Verwenden Sie mindestens 12 Zeichen."] });
  });

  it("gets the sentence of the language if that needs no numbers", async () => {
    const sentence = "This password is too common. Choose one that's harder to guess.";
    expect(
      await reasons([
        { code: "too_common", message },
        { code: "too_common", params: { rank: 3 }, message },
      ]),
    ).toEqual({ password: [sentence, sentence] });
  });

  it("gets the validator's own words if the numbers are missing, or the language doesn't know the code", async () => {
    expect(
      await reasons([
        { code: "too_short", message },
        { code: "our_own", params: { min: 12 }, message },
        { code: "toString", message },
      ]),
    ).toEqual({ password: [message, message, message] });
  });
});

describe("the flow that the engine returns", () => {
  it("is in a header of the response, which is else as usual", async () => {
    const asking = { path: `${base}/`, ...json({ email: "ada@example.com" }) };
    const askWith = (answer: { flow?: string }) => {
      const reset = { request: async () => answer } as Partial<PasswordReset> as PasswordReset;
      return byPlain(createHandler(reset, { log: keptLog() }))(asking);
    };
    const usual = await askWith({});
    expect(usual).toMatchObject({ status: 200, body: '{"status":"OK"}' });
    expect(await askWith({ flow: "flow-1" })).toEqual({
      ...usual,
      headers: { ...usual.headers, "reset-flow": "flow-1" },
    });
  });
});
