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
  vetoed: 403,
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

export type ErrorCode = keyof typeof errorStatus;

export interface ErrorDetails {
  /** A sentence for people. Never contains a secret, token, password, or email address. */
  readonly message?: string;
  /** `weak_password`: why it was rejected. */
  readonly problems?: readonly Problem[];
  /** `invalid_input`: the problem codes of each field. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** `throttled`, `unavailable`: seconds to wait. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

const sentences: Readonly<Record<Exclude<ErrorCode, "invalid_input">, string>> = {
  malformed_body: "The request body can't be read as the type it was sent as.",
  weak_password: "Password rejected: see `problems`. The token is still valid.",
  unknown_account: "No account matches the identifier.",
  vetoed: "Rejected by `gate` or a `beforeReset` listener. The token is still valid.",
  invalid_token: "Invalid or expired token. Request a new one.",
  not_found: "There's no endpoint at this path.",
  method_not_allowed: "The HTTP method isn't allowed here.",
  not_acceptable: "The `Accept` header allows neither JSON nor problem details.",
  body_timeout: "The request body took too long to arrive.",
  body_too_large: "The request body is too large.",
  unsupported_media_type: "The content type isn't supported. Send JSON or a form.",
  throttled: "Rate limit exceeded. Retry after `retryAfter` seconds.",
  internal: "Internal error: see `cause`.",
  unsupported: "The token strategy doesn't support this.",
  unavailable: "Temporarily unavailable. Nothing was lost: retry after `retryAfter` seconds.",
};

/** What a field is, by problem code. */
const problemPhrases: Readonly<Record<string, string>> = {
  required: "is missing",
  blank: "is blank",
  null: "is null",
  not_text: "isn't text",
  invalid_address: "isn't a valid email address",
  invalid_text: "isn't valid",
  null_character: "contains a null character",
  not_well_formed: "isn't well-formed Unicode",
  too_long: "is too long",
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
      details.message ?? (code === "invalid_input" ? inputSentence(details.fields) : sentences[code]),
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
function inputSentence(fields: ErrorDetails["fields"] = {}): string {
  const parts = Object.entries(fields).flatMap(([name, problems]) =>
    // `non_field_errors` holds sentences about the whole body.
    problems.map((problem) => (name === "non_field_errors" ? problem : `${name} ${phraseOf(problem)}`)),
  );
  return parts.length === 0 ? "Invalid input." : `Invalid input: ${parts.join(", ").replace(/\.$/, "")}.`;
}

function phraseOf(problem: string): string {
  return problemPhrases[problem] ?? `is invalid (${problem})`;
}
