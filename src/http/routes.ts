/**
 * The HTTP surface as a table. Matching, `OPTIONS`, the checks of fields and the API's description all read
 * it, so an endpoint is added here and nowhere else.
 *
 * @module
 */
import { ResetError, type ErrorCode } from "../errors.js";
import type { HttpResponse, PasswordReset, ResetContext, Stage } from "../types.js";
import { succeed } from "./answers.js";
import type { Field, Values } from "./fields.js";

export interface Route {
  readonly stage: Stage;
  /** Below the base path; it is answered with and without a slash at its end. */
  readonly path: "" | "/validate_token" | "/confirm";
  readonly name: string;
  readonly description: string;
  /** In the order in which their errors are told. */
  readonly fields: readonly RouteField[];
  /** What the answer 200 means. */
  readonly success: string;
  /** Whether the application may have that answer tell of the account (`validateReveals`). */
  readonly reveals: boolean;
  /** What can go wrong here, besides what can go wrong with any request. */
  readonly errors: Errors;
  /** Does the work, with fields that were checked. */
  run(reset: PasswordReset, values: Values, context: ResetContext): Promise<HttpResponse>;
}

/** A field as whoever writes a client has to know it. */
export interface RouteField extends Field {
  readonly description: string;
  readonly example: string;
}

/** One for all: nobody sees its stack, and to make that costs more than to find that there is no such token. */
const notGood = /* @__PURE__ */ new ResetError("invalid_token");

/** Codes, and when they are told. */
export type Errors = Readonly<Partial<Record<ErrorCode, string>>>;

/** The three endpoints, with the identifier under the name and in the format that the application chose. */
export function createRoutes({
  field,
  format,
}: {
  field: string;
  format: "email" | "text";
}): readonly Route[] {
  const identifier: RouteField = {
    name: field,
    role: "identifier",
    kind: format === "email" ? "address" : "text",
    required: true,
    description: "Names the account.",
    example: format === "email" ? "ada@example.com" : "ada",
  };
  const named: RouteField = {
    ...identifier,
    required: false,
    description:
      "Needed beside a code that was typed, which is good for one account. Left out beside a link's.",
  };
  const token: RouteField = {
    name: "token",
    role: "token",
    kind: "token",
    required: true,
    description: "Out of the link, or the code beside it.",
    example: "3q2-7wAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkcI",
  };
  const password: RouteField = {
    name: "password",
    role: "password",
    kind: "password",
    required: true,
    description: "The new one. Taken as it is, blanks included.",
    example: "thunder marmalade quay",
  };
  const invalidToken = "The token is unknown, over or used up, or its account may not be reset.";

  return [
    {
      stage: "request",
      path: "",
      name: "Request a password reset",
      description:
        "Sends a link to the account's address, if there is such an account. The answer does not tell.",
      fields: [identifier],
      success: "Taken, whether there is such an account or not.",
      reveals: false,
      errors: { unknown_account: "There is no such account. Told only where `revealUnknown` is set." },
      async run(reset, values, context) {
        await reset.request({ identifier: values.identifier! }, context);
        return succeed();
      },
    },
    {
      stage: "validate",
      path: "/validate_token",
      name: "Check a token",
      description: "Tells whether a token could be confirmed now. Does not use it up.",
      fields: [token, named],
      success: "The token is good. With `validateReveals`, more members tell of the account.",
      reveals: true,
      errors: { invalid_token: invalidToken },
      async run(reset, values, context) {
        const found = await reset.inspect({ token: values.token!, identifier: values.identifier }, context);
        if (!found) throw notGood;
        return succeed(found.reveals);
      },
    },
    {
      stage: "confirm",
      path: "/confirm",
      name: "Set a new password",
      description: "Sets the password of the account that the token was sent to, and uses the token up.",
      fields: [password, token, named],
      success: "The password is set. The token is used up, and every other one of the account is over.",
      reveals: false,
      errors: {
        invalid_token: invalidToken,
        weak_password: "The password was refused; the sentences say why. The token stays good.",
      },
      async run(reset, values, context) {
        const { token: presented, password: chosen, identifier: whose } = values;
        await reset.confirm({ token: presented!, password: chosen!, identifier: whose }, context);
        return succeed();
      },
    },
  ];
}
