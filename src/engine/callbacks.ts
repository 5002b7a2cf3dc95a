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
  limit: number = callbackLimit,
): Awaitable<T> {
  try {
    const result = work();
    return isPromise(result) ? bounded(name, result, limit) : result;
  } catch (error) {
    throw named(name, error);
  }
}

async function bounded<T>(name: string, result: PromiseLike<T>, limit: number): Promise<T> {
  try {
    return await withTimeout(limit, name, () => result);
  } catch (error) {
    throw named(name, error);
  }
}

function named(name: string, error: unknown): unknown {
  const isNamed =
    error instanceof ResetError || error instanceof UsageError || error instanceof CallbackError;
  return isNamed ? error : new CallbackError(name, error);
}

/** A function of the application failed. Its message names the function; `cause` is what was thrown. */
export class CallbackError extends Error {
  override readonly name: string;
  /** True for a mistake in the application's code, false for an outage, which may pass. */
  readonly isMistake: boolean;

  constructor(callbackName: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = `${callbackName} failed`;
    this.isMistake = isProgrammingError(cause);
  }

  /** What the log says: the function, then the error as it was thrown, without addresses. */
  describe(hidden: readonly (string | undefined)[]): string {
    return `${this.name}: ${describeError(this.cause, hidden)}`;
  }
}

/** Whether trying again can't help, because the code is wrong: the caller should see it as it is. */
export function isMistake(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof CallbackError && error.isMistake);
}

function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
