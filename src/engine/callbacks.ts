import { ResetError } from "../errors.js";
import { UsageError } from "../check-options.js";
import { describeError } from "../runtime/log.js";
import { isProgrammingError } from "../runtime/programming-error.js";
import { withTimeout } from "../runtime/timeout.js";
import type { Awaitable } from "../types.js";

/** How long a lookup or a change in the application's accounts may take, in milliseconds. */
export const callbackLimit = 10_000;

/**
 * Calls one of the application's callbacks. Its errors carry the callback's name, and it can't hold up a request
 * forever. A result that isn't a promise costs neither a timer nor a turn of the event loop.
 */
export function callback<T>(
  name: string,
  work: () => Awaitable<T>,
  { limit = callbackLimit, hidden = [] }: CallbackOptions = {},
): Awaitable<T> {
  try {
    const result = work();
    return isPromise(result) ? bounded(name, result, limit, hidden) : result;
  } catch (error) {
    throw named(name, error, hidden);
  }
}

export interface CallbackOptions {
  /** Milliseconds. Default: `callbackLimit`. */
  readonly limit?: number;
  /** Arguments that must not appear in a log: a driver's error may quote them. */
  readonly hidden?: readonly unknown[];
}

async function bounded<T>(
  name: string,
  result: PromiseLike<T>,
  limit: number,
  hidden: readonly unknown[],
): Promise<T> {
  try {
    return await withTimeout(limit, name, () => result);
  } catch (error) {
    throw named(name, error, hidden);
  }
}

function named(name: string, error: unknown, hidden: readonly unknown[]): unknown {
  const isNamed =
    error instanceof ResetError || error instanceof UsageError || error instanceof CallbackError;
  return isNamed ? error : new CallbackError(name, error, hidden);
}

/** One of the application's callbacks failed. `name` says which one; `cause` is what it threw. */
export class CallbackError extends Error {
  override readonly name: string;
  /** True for a mistake in the application's code, false for an outage, which may pass. */
  readonly isMistake: boolean;

  constructor(callbackName: string, cause: unknown, hidden: readonly unknown[]) {
    // The message may be logged, so it must not contain secrets. The cause stays as it was thrown.
    const secrets = hidden.filter((value) => typeof value === "string");
    super(describeError(cause, secrets), { cause });
    this.name = `${callbackName} failed`;
    this.isMistake = isProgrammingError(cause);
  }
}

/** Whether the application's code is wrong, so that a retry can't help: the caller gets such an error unchanged. */
export function isMistake(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof CallbackError && error.isMistake);
}

function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
