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

const sentences: Partial<Record<ErrorCode, string>> = {
  invalid_token: "The token is not valid, or not any more: ask for a new one.",
  weak_password: "The password was refused; `problems` says why. The token stays good.",
  vetoed: "A listener or the gate refused. The token stays good.",
  throttled: "Too many requests: wait for `retryAfter` seconds.",
  unavailable: "Busy, or the database is out of reach. Nothing was lost: try again soon.",
};

/** Known to every copy of this file: a bundler may make several, each with a class of its own. */
const mark = Symbol.for("resetkit.ResetError");

/**
 * What `request`, `validate` and `confirm` throw. Tell cases apart by `code`.
 *
 * Why a token was refused is never told: unknown, expired, used and not allowed are one `invalid_token`.
 * `instanceof ResetError` holds for those of another copy of resetkit, too.
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
      details.message ?? sentences[code] ?? `${code.replaceAll("_", " ")}.`,
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
