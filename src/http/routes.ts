/**
 * The HTTP surface as a table. Matching, `OPTIONS`, field checks, and the API's description all read it, so an endpoint
 * is added here and nowhere else.
 *
 * @module
 */
import { ResetError, type ErrorCode } from "../errors.js";
import type { HttpResponse, PasswordReset, ResetContext, Stage } from "../types.js";
import { succeed } from "./answers.js";
import type { Field, Role, Values } from "./fields.js";
import type { EndpointPaths } from "./paths.js";

export interface Route {
  readonly stage: Stage;
  /** Below the base path, with a leading slash; empty at the base path itself. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  /** In the order in which their errors are reported. */
  readonly fields: readonly [RouteField, ...RouteField[]];
  /** What a 200 response means. */
  readonly success: string;
  /** Whether that response may contain properties of the account (`validateReveals`). */
  readonly reveals: boolean;
  /** What can go wrong here, besides what can go wrong with any request. */
  readonly errors: Errors;
  /** Does the work, with fields that were checked. */
  run(reset: PasswordReset, values: RouteValues, context: ResetContext): Promise<HttpResponse>;
}

/** The fields, and the flow handle from its header. */
export interface RouteValues extends Values {
  readonly flow?: string | undefined;
}

/** Values in which these fields are there: they're required, so `readFields` has rejected any others. */
type With<Name extends Role> = RouteValues & Readonly<Record<Name, string>>;

function flowOf({ flow }: RouteValues): Pick<RouteValues, "flow"> {
  return flow === undefined ? {} : { flow };
}

/** A field, as a client needs to know it. */
export interface RouteField extends Field {
  readonly description: string;
  readonly example: string;
}

/** A shared instance: capturing a stack trace costs more than the failed lookup, and the trace is never shown. */
const notGood = /* @__PURE__ */ new ResetError("invalid_token");

/** Error codes, and when they occur. */
export type Errors = Readonly<Partial<Record<ErrorCode, string>>>;

/** The three endpoints, with the identifier under the name and in the format that the application chose. */
export function createRoutes({
  field,
  format,
  paths,
}: {
  field: string;
  format: "email" | "text";
  paths: EndpointPaths;
}): readonly Route[] {
  const identifier: RouteField = {
    name: field,
    role: "identifier",
    kind: format === "email" ? "address" : "text",
    required: true,
    description: "Identifies the account.",
    example: format === "email" ? "ada@example.com" : "ada",
  };
  const named: RouteField = {
    ...identifier,
    required: false,
    description: "Required with a one-time code. Leave it out with the token of a reset link.",
  };
  const token: RouteField = {
    name: "token",
    role: "token",
    kind: "token",
    required: true,
    description: "Token from the reset link, or the code from the email.",
    example: "3q2-7wAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkcI",
  };
  const password: RouteField = {
    name: "password",
    role: "password",
    kind: "password",
    required: true,
    description: "The new password. Never trimmed or changed in any other way.",
    example: "thunder marmalade quay",
  };
  const secondFactor: RouteField = {
    name: "second_factor",
    role: "secondFactor",
    kind: "text",
    required: false,
    description: "Required if the account has a second factor, such as a code from an authenticator app.",
    example: "271828",
  };
  const invalidToken = "The token is unknown, expired, or already used, or its account isn't eligible.";

  return [
    {
      stage: "request",
      path: paths.request,
      name: "Request a password reset",
      description:
        "Sends a reset link to the account's email address, if there's such an account. The response is the same either way.",
      fields: [identifier],
      success: "The request was accepted. The response is the same whether or not an account matches.",
      reveals: false,
      errors: { unknown_account: "No account matches. Only if `revealUnknown` is set." },
      async run(reset, values: With<"identifier">, context) {
        const taken = await reset.request({ identifier: values.identifier, ...flowOf(values) }, context);
        return succeed(undefined, taken?.flow);
      },
    },
    {
      stage: "validate",
      path: paths.validate,
      name: "Check a token",
      description: "Checks whether a token is valid, without consuming it.",
      fields: [token, named],
      success:
        "The token is valid. With `validateReveals`, the response has more properties, which describe the account.",
      reveals: true,
      errors: { invalid_token: invalidToken },
      async run(reset, values: With<"token">, context) {
        const { token: presented, identifier: whose } = values;
        const found = await reset.inspect(
          { token: presented, identifier: whose, ...flowOf(values) },
          context,
        );
        if (!found) throw notGood;
        return succeed(found.reveals);
      },
    },
    {
      stage: "confirm",
      path: paths.confirm,
      name: "Set a new password",
      description: "Sets the password of the account that the token was issued for, and consumes the token.",
      fields: [password, token, named, secondFactor],
      success:
        "The password was set. The token was consumed, and all other tokens of the account were revoked.",
      reveals: false,
      errors: {
        invalid_token: invalidToken,
        second_factor: "The account has a second factor, and the answer is missing or wrong.",
        weak_password: "The password was rejected, for the reasons given. The token is still valid.",
      },
      async run(reset, values: With<"token" | "password">, context) {
        const { token: presented, password: chosen, identifier: whose, ...more } = values;
        await reset.confirm({ token: presented, password: chosen, identifier: whose, ...more }, context);
        return succeed();
      },
    },
  ];
}
