import { ResetError } from "../errors.js";
import { UsageError } from "../check-options.js";
import { describeError } from "../runtime/log.js";
import { isProgrammingError } from "../runtime/programming-error.js";
import { withTimeout } from "../runtime/timeout.js";
import type { Awaitable } from "../types.js";

/** Milliseconds that a look-up or a change in the application's accounts may take. */
export const callbackLimit = 10_000;

/**
 * Calls a function of the application: what it throws carries the function's name, and it can't hold up a request for
 * ever. A result that isn't a promise costs neither a timer nor a turn.
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
  /** What was given to the function and must not be in a log: a driver's error may quote it. */
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

/** A function of the application failed. Its message names the function; `cause` is what was thrown. */
export class CallbackError extends Error {
  override readonly name: string;
  /** True for a mistake in the application's code, false for an outage, which may pass. */
  readonly isMistake: boolean;

  constructor(callbackName: string, cause: unknown, hidden: readonly unknown[] = []) {
    // Whatever logs this error finds no secret in its message. The cause is as it was thrown.
    const secrets = hidden.filter((value): value is string => typeof value === "string" && value !== "");
    super(describeError(cause, secrets), { cause });
    this.name = `${callbackName} failed`;
    this.isMistake = isProgrammingError(cause);
  }
}

/** Whether trying again can't help, because the code is wrong: the caller should see it as it is. */
export function isMistake(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof CallbackError && error.isMistake);
}

function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
