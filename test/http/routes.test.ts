import { describe, expect, it } from "vitest";
import type { ApiDocument, Operation } from "../../src/http/docs/openapi.js";
import { createHandler, type HandlerOptions } from "../../src/http/handler.js";
import { goodToken, recordingReset } from "../../src/testing/handler/scene.js";
import type { PasswordReset } from "../../src/types.js";
import { goodPassword, keptLog } from "../kit.js";
import { byPlain, json } from "./drive.js";

const base = "/api/password_reset";

function setUp(options: HandlerOptions = {}) {
  const { reset, calls } = recordingReset();
  const drive = byPlain(createHandler(reset, { log: keptLog(), docs: true, ...options }));
  const post = (path: string, members: object, headers: Readonly<Record<string, string>> = {}) => {
    const sent = json(members);
    return drive({ path: base + path, ...sent, headers: { ...sent.headers, ...headers } });
  };
  const document = async () =>
    JSON.parse((await drive({ method: "GET", path: `${base}/openapi.json` })).body) as ApiDocument;
  return { calls, post, document };
}

describe("the document says of each endpoint", () => {
  const textOf = ({ summary, description }: Operation) => [summary, description];

  it("what it's called and what it does", async () => {
    const { paths } = await setUp().document();
    expect(Object.entries(paths).map(([path, { post }]) => [path, ...textOf(post)])).toEqual([
      [
        "/",
        "Request a password reset",
        "Sends a reset link to the account's email address, if there's such an account. The response is the same either way.",
      ],
      ["/validate_token/", "Check a token", "Checks whether a token is valid, without consuming it."],
      [
        "/confirm/",
        "Set a new password",
        "Sets the password of the account that the token was issued for, and consumes the token.",
      ],
    ]);
  });

  it("what a success means, and whether it may tell more than that", async () => {
    const { paths, components } = await setUp().document();
    expect(Object.values(paths).map(({ post }) => post.responses["200"]!.description)).toEqual([
      "The request was accepted. The response is the same whether or not an account matches.",
      "The token is valid. With `validateReveals`, the response has more properties, which describe the account.",
      "The password was set. The token was consumed, and all other tokens of the account were revoked.",
    ]);
    const mayTellMore = (name: string) => components.schemas[name]!["additionalProperties"];
    expect(["RequestOk", "ValidateOk", "ConfirmOk"].map(mayTellMore)).toEqual([false, true, false]);
  });

  it("when it gives the errors that are its own", async () => {
    const { paths } = await setUp().document();
    const invalidToken =
      "`invalid_token`: The token is unknown, expired, or already used, or its account isn't eligible.";
    const [request, validate, confirm] = Object.values(paths).map(({ post }) => post.responses);
    expect(request!["400"]!.description).toContain(
      "`unknown_account`: No account matches. Only if `revealUnknown` is set.",
    );
    expect(request!["404"]).toBeUndefined();
    expect(validate!["404"]!.description).toBe(invalidToken);
    expect(confirm!["404"]!.description).toBe(invalidToken);
    expect(confirm!["400"]!.description).toContain(
      "`second_factor`: The account has a second factor, and the answer is missing or wrong.",
    );
    expect(confirm!["400"]!.description).toContain(
      "`weak_password`: The password was rejected, for the reasons given. The token is still valid.",
    );
  });

  it("which fields it reads", async () => {
    const { components } = await setUp().document();
    const token = {
      type: "string",
      minLength: 1,
      description: "Token from the reset link, or the code from the email.",
      examples: ["3q2-7wAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkcI"],
    };
    const email = { type: "string", format: "email", maxLength: 254, examples: ["ada@example.com"] };
    const withCode = {
      ...email,
      description: "Required with a one-time code. Leave it out with the token of a reset link.",
    };
    expect(components.schemas["RequestBody"]).toEqual({
      type: "object",
      properties: { email: { ...email, description: "Identifies the account." } },
      required: ["email"],
    });
    expect(components.schemas["ValidateBody"]).toEqual({
      type: "object",
      properties: { token, email: withCode },
      required: ["token"],
    });
    expect(components.schemas["ConfirmBody"]).toEqual({
      type: "object",
      properties: {
        password: {
          type: "string",
          format: "password",
          minLength: 1,
          description: "The new password. Never trimmed or changed in any other way.",
          examples: ["thunder marmalade quay"],
        },
        token,
        email: withCode,
        second_factor: {
          type: "string",
          minLength: 1,
          maxLength: 254,
          description:
            "Required if the account has a second factor, such as a code from an authenticator app.",
          examples: ["271828"],
        },
      },
      required: ["password", "token"],
    });
  });

  it("how an identifier looks that's no email address", async () => {
    const { components } = await setUp({ field: "username", format: "text" }).document();
    expect(components.schemas["RequestBody"]!["properties"]).toEqual({
      username: {
        type: "string",
        minLength: 1,
        maxLength: 254,
        description: "Identifies the account.",
        examples: ["ada"],
      },
    });
  });
});

describe("the engine gets", () => {
  const email = "ada@example.com";
  const flow = { "reset-flow": "flow-1" };

  it.each<[string, string, object, Readonly<Record<string, string>>, object]>([
    ["the identifier", "/", { email }, {}, { identifier: email }],
    ["the identifier and the flow", "/", { email }, flow, { identifier: email, flow: "flow-1" }],
    [
      "the token to check",
      "/validate_token/",
      { token: goodToken },
      {},
      { token: goodToken, identifier: undefined },
    ],
    [
      "the code to check, with its identifier and the flow",
      "/validate_token/",
      { token: "271828", email },
      flow,
      { token: "271828", identifier: email, flow: "flow-1" },
    ],
    [
      "the token and the password",
      "/confirm/",
      { token: goodToken, password: goodPassword },
      {},
      { token: goodToken, password: goodPassword, identifier: undefined },
    ],
    [
      "all that there is to set a password",
      "/confirm/",
      { token: goodToken, password: goodPassword, email, second_factor: " 314159 " },
      flow,
      {
        token: goodToken,
        password: goodPassword,
        identifier: email,
        secondFactor: "314159",
        flow: "flow-1",
      },
    ],
  ])("%s, and nothing else", async (_, path, members, headers, input) => {
    const { post, calls } = setUp();
    await post(path, members, headers);
    expect(calls.map((call) => call.input)).toStrictEqual([input]);
  });

  it("no identifier that can't be one", async () => {
    const { post, calls } = setUp({ field: "username", format: "text" });
    const answer = await post("/", { username: "a\tb" });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([400, { username: ["Enter a valid value."] }]);
    expect(calls).toEqual([]);
  });
});

describe("a token that the engine doesn't find", () => {
  it("is a 404", async () => {
    const answer = await setUp().post("/validate_token/", { token: "another" });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      404,
      { detail: "This link or code is invalid or has expired. Request a new one." },
    ]);
  });
});

describe("a test double of the engine", () => {
  it("may return nothing for a request", async () => {
    const reset = { request: async () => undefined } as unknown as PasswordReset;
    const drive = byPlain(createHandler(reset, { log: keptLog() }));
    expect(await drive({ path: `${base}/`, ...json({ email: "ada@example.com" }) })).toMatchObject({
      status: 200,
      body: '{"status":"OK"}',
    });
  });
});
