/**
 * What `passwordReset()` keeps on its object for the other parts of the package, under names that no application uses by
 * accident: symbols that every copy of the package has in common.
 *
 * @module
 */
import { UsageError } from "../check-options.js";
import type { PasswordReset } from "../types.js";
import type { Observer } from "./observers.js";
import type { Operations } from "./operations.js";

export const operationsKey = Symbol.for("resetkit.operations");
export const observersKey = Symbol.for("resetkit.observers");

/** What operators see and do; the error names `where`. */
export function operationsOf(reset: PasswordReset, where: string): () => Promise<Operations> {
  return innerOf(reset, operationsKey, where) as () => Promise<Operations>;
}

/** The observers that run around every step. */
export function observersOf(reset: PasswordReset, where: string): Observer[] {
  return innerOf(reset, observersKey, where) as Observer[];
}

function innerOf(reset: object, key: symbol, where: string): unknown {
  const inner = (reset as Readonly<Record<symbol, unknown>> | undefined)?.[key];
  if (inner) return inner;
  throw new UsageError(
    `${where} needs the object that passwordReset() returned, not a copy of it. Pass that object.`,
  );
}
