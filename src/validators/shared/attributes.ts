/** What accounts usually say about their users: words that attackers try first. */

/** More than this isn't read, so that the work doesn't depend on what an account holds. */
export const maxAttributes = 20;
const maxValue = 254;
const maxParts = 20;

/** The attributes that accounts usually have, in camel case or snake case. */
export function usualAttributes(user: unknown): Record<string, unknown> {
  if (typeof user !== "object" || user === null) return {};
  const { username, userName, name, firstName, lastName, first_name, last_name, email } = user as Record<
    string,
    unknown
  >;
  return {
    username: username ?? userName,
    firstName: firstName ?? first_name,
    lastName: lastName ?? last_name,
    name,
    email,
  };
}

/** A value as a whole, and its parts between everything that isn't a letter or a digit, in lowercase. */
export function partsOf(value: unknown): string[] {
  if (typeof value !== "string") return [];
  const whole = value.slice(0, maxValue).toLowerCase();
  const parts = whole.split(/[^\p{L}\p{M}\p{N}_]+/u).slice(0, maxParts);
  return [whole, ...parts].filter((part) => part !== "");
}
