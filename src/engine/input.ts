import { UsageError } from "../check-options.js";
import { utf8 } from "../crypto/encoding.js";
import { ResetError } from "../errors.js";
import { hasInvisible, isPlainText } from "../identity/identifier.js";
import type { Origin, ResetContext } from "../types.js";

/** What's kept of a request: bounded, and without characters that could break a log line. */
export function originOf({ ip, userAgent, data }: ResetContext): Origin {
  if (utf8(JSON.stringify(data) ?? "").length > 4_096) {
    throw new UsageError("context.data is larger than 4 kB. Pass an id instead.");
  }
  const clean = (text: string | undefined, most: number) => text?.replace(/\p{C}/gu, "").slice(0, most);
  return { ip: clean(ip, 64), userAgent: clean(userAgent, 512), data };
}

/** The tenant. It may come from a header, so it's checked before it's stored: a database column holds 255 bytes. */
export function checkScope({ scope }: ResetContext): string {
  if (scope === undefined || scope === "") return "";
  if (typeof scope === "string" && isPlainText(scope) && utf8(scope).length <= 255) return scope;
  throw invalid("scope", "invalid_text");
}

export function checkIdentifier(given: unknown): string {
  const { identifier } = (given ?? {}) as { identifier?: unknown };
  const text = typeof identifier === "string" ? identifier.trim() : undefined;
  if (text !== undefined && isPlainText(text)) return text;
  const problem = text && (hasInvisible(text) ? "invisible_character" : "invalid_text");
  throw invalid("identifier", problem || emptiness(text));
}

export function checkToken(given: unknown): { token: string; identifier: string | undefined } {
  const { token, identifier } = (given ?? {}) as { token?: unknown; identifier?: unknown };
  if (typeof token !== "string" || token === "") throw invalid("token", emptiness(token));
  // No kind of token is longer, and no lookup should carry more.
  if (token.length > 512) throw new ResetError("invalid_token");
  return { token, identifier: identifier === undefined ? undefined : checkIdentifier(given) };
}

/** A flow handle that a client sends back; undefined if resetkit can't have made it. */
export function flowOf(given: unknown): string | undefined {
  const { flow } = (given ?? {}) as { flow?: unknown };
  return typeof flow === "string" && /^[\w-]{43}$/.test(flow) ? flow : undefined;
}

export function checkPassword(given: unknown): string {
  const { password } = (given ?? {}) as { password?: unknown };
  if (typeof password !== "string" || password === "") throw invalid("password", emptiness(password));
  // A lone surrogate becomes U+FFFD in UTF-8, so two different passwords would be one.
  if (/\p{Cs}/u.test(password)) throw invalid("password", "not_well_formed");
  return password;
}

/** The answer to a second factor; undefined if none was given. */
export function checkSecondFactor(given: unknown): string | undefined {
  const { secondFactor } = (given ?? {}) as { secondFactor?: unknown };
  if (secondFactor === undefined || secondFactor === "") return undefined;
  if (typeof secondFactor === "string" && isPlainText(secondFactor)) return secondFactor.trim();
  throw invalid("second_factor", "invalid_text");
}

function invalid(field: string, problem: string): ResetError {
  return new ResetError("invalid_input", { fields: { [field]: [problem] } });
}

function emptiness(value: unknown): string {
  return value === "" ? "blank" : "not_text";
}
