/**
 * The one error that resetkit throws at callers: a closed table of codes, each with its HTTP status.
 *
 * @module
 */
import type { Problem } from "./types.js";

/** Code → HTTP status. Codes are for ever. */
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
  /** A sentence for people. Never names a secret, a token, a password or an address. */
  readonly message?: string;
  /** `weak_password`: why. */
  readonly problems?: readonly Problem[];
  /** `invalid_input`: what is wrong with which field, by problem code. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** `throttled`, `unavailable`: seconds to wait. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

const sentences: Record<ErrorCode, string> = {
  invalid_input: "A field is missing or malformed.",
  malformed_body: "The body could not be read.",
  weak_password: "The password was refused.",
  unknown_account: "There is no account that could be reset.",
  vetoed: "The reset was refused.",
  invalid_token: "The token is not valid.",
  not_found: "There is nothing here.",
  method_not_allowed: "The method is not allowed here.",
  not_acceptable: "The answer cannot be given in the form that was asked for.",
  body_timeout: "The body took too long to arrive.",
  body_too_large: "The body is too large.",
  unsupported_media_type: "The body is of a type that is not read here.",
  throttled: "Too many requests.",
  internal: "Something went wrong here.",
  unsupported: "These tokens cannot do that.",
  unavailable: "The service is busy or its database is out of reach; try again soon.",
};

/**
 * What `request`, `validate` and `confirm` throw. Tell cases apart by `code`.
 *
 * Why a token was refused is never told: unknown, expired, used and not allowed are one `invalid_token`.
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
      details.message ?? sentences[code],
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.status = errorStatus[code];
    this.problems = details.problems ?? [];
    this.fields = details.fields ?? {};
    this.retryAfter = details.retryAfter;
  }
}
