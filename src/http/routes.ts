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
  readonly fields: readonly Field[];
  /** What can go wrong here, besides what can go wrong with any request. */
  readonly errors: readonly ErrorCode[];
  /** Does the work, with fields that were checked. */
  run(reset: PasswordReset, values: Values, context: ResetContext): Promise<HttpResponse>;
}

/** The three endpoints, with the identifier under the name and in the format that the application chose. */
export function createRoutes({
  field,
  format,
}: {
  field: string;
  format: "email" | "text";
}): readonly Route[] {
  const kind = format === "email" ? "address" : "text";
  const identifier: Field = { name: field, role: "identifier", kind, required: true };
  // Needed for codes only: they are good for one account, and the visitor says which.
  const named: Field = { ...identifier, required: false };
  const token: Field = { name: "token", role: "token", kind: "token", required: true };
  const password: Field = { name: "password", role: "password", kind: "password", required: true };

  return [
    {
      stage: "request",
      path: "",
      name: "Request a password reset",
      description:
        "Sends a link to the account's address, if there is such an account. The answer does not tell.",
      fields: [identifier],
      errors: ["unknown_account"],
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
      errors: ["invalid_token"],
      async run(reset, values, context) {
        const found = await reset.inspect({ token: values.token!, identifier: values.identifier }, context);
        if (!found) throw new ResetError("invalid_token");
        return succeed(found.reveals);
      },
    },
    {
      stage: "confirm",
      path: "/confirm",
      name: "Set a new password",
      description: "Sets the password of the account that the token was sent to, and uses the token up.",
      fields: [password, token, named],
      errors: ["invalid_token", "weak_password"],
      async run(reset, values, context) {
        const { token: presented, password: chosen, identifier: whose } = values;
        await reset.confirm({ token: presented!, password: chosen!, identifier: whose }, context);
        return succeed();
      },
    },
  ];
}
