/**
 * The one error class of resetkit: a closed table of codes, each with its HTTP status.
 *
 * @module
 */
import type { Problem } from "./types.js";

/** Code → HTTP status. Codes are stable and never removed. */
export const errorStatus = {
  invalid_input: 400,
  malformed_body: 400,
  weak_password: 400,
  unknown_account: 400,
  second_factor: 400,
  vetoed: 403,
  cross_site: 403,
  invalid_token: 404,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  body_timeout: 408,
  body_too_large: 413,
  unsupported_media_type: 415,
  throttled: 429,
  internal: 500,
  unsupported: 501,
  unavailable: 503,
} as const;

/** The codes of a `ResetError`. Codes are stable and never removed. */
export type ErrorCode = keyof typeof errorStatus;

/** What a `ResetError` carries besides its code. */
export interface ErrorDetails {
  /** A sentence for people. Never contains a secret, token, password, or email address. */
  readonly message?: string;
  /** `weak_password`: why it was rejected. */
  readonly problems?: readonly Problem[];
  /** `invalid_input`: the problem codes of each field. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** `throttled`, `unavailable`: seconds to wait. */
  readonly retryAfter?: number;
  /** The underlying error. For the log, not for clients. */
  readonly cause?: unknown;
}

/** Codes without an entry here read as a sentence themselves: "Method not allowed." */
const sentences: Partial<Record<ErrorCode, string>> = {
  weak_password: "Password rejected: see `problems`. The token is still valid.",
  second_factor: "Second factor missing or wrong. The token is still valid.",
  cross_site: "Sent by another site's form. To allow it, list its origin in `origins`.",
  vetoed: "Rejected by `gate` or a `beforeReset` listener. The token is still valid.",
  invalid_token: "Invalid or expired token. Request a new one.",
  throttled: "Rate limit exceeded. Retry after `retryAfter` seconds.",
  internal: "Internal error: see `cause`.",
  unavailable: "Temporarily unavailable. Nothing was lost: retry after `retryAfter` seconds.",
};

/** Shared by every copy of this file: a bundler may include several, each with its own class. */
const mark = Symbol.for("resetkit.ResetError");

/**
 * Thrown by `request`, `validate`, and `confirm`. Check `code` to tell the cases apart.
 *
 * The error never reveals why a token was rejected: unknown, expired, used, and ineligible are all
 * `invalid_token`. `instanceof ResetError` is also true for errors of another copy of resetkit.
 */
export class ResetError extends Error {
  override readonly name = "ResetError";
  readonly code: ErrorCode;
  /** The HTTP status that goes with the code. */
  readonly status: number;
  readonly problems: readonly Problem[];
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(
      details.message ?? sentences[code] ?? sentenceOf(code, details.fields),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    Object.defineProperty(this, mark, { value: true });
    this.code = code;
    this.status = errorStatus[code];
    this.problems = details.problems ?? [];
    this.fields = details.fields ?? {};
    this.retryAfter = details.retryAfter;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ResetError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && mark in value;
  }
}

/** "Invalid input: identifier is blank." Names fields and what's wrong with them, never their values. */
function sentenceOf(code: ErrorCode, fields: ErrorDetails["fields"] = {}): string {
  const words = code[0]!.toUpperCase() + spaced(code.slice(1));
  const problems = Object.entries(fields).map(
    ([name, codes]) => `${name} ${codes.map(phraseOf).join(" and ")}`,
  );
  return `${words}${problems.length > 0 ? `: ${problems.join(", ")}` : ""}.`;
}

/** "is blank", "is too long", "has invalid address". */
function phraseOf(problem: string): string {
  return `${/^(not|too)_|^[a-z]+$/.test(problem) ? "is" : "has"} ${spaced(problem)}`;
}

function spaced(code: string): string {
  return code.replaceAll("_", " ");
}
