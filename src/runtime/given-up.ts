/**
 * Whether work ended by a time limit, of resetkit or of an `AbortSignal`. Such work may go on, and take effect later.
 *
 * It's known by its name, so that the connections don't load the engine for it.
 */
export function wasGivenUp(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: { name?: unknown } | null };
  return name === "TimeoutError" || cause?.name === "TimeoutError";
}
