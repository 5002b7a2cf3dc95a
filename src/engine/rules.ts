import type { PasswordRules, Users, Validator } from "../types.js";

/** What users can be told before and after they choose a password. */
export async function rulesOf(
  validators: readonly Validator<any>[] | (() => Promise<readonly Validator<any>[]>),
  { revokeSessions }: Pick<Users<any>, "revokeSessions">,
): Promise<PasswordRules> {
  const list = typeof validators === "function" ? await validators() : validators;
  const lengths = list.map(({ minLength = 0 }) => minLength);
  return { minLength: Math.max(0, ...lengths), revokesSessions: revokeSessions !== "none" };
}
