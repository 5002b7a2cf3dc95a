/** Bound when the file is loaded, so that fake timers that a test installs later don't stop the worker. */
const soon = (globalThis as { setImmediate?: (go: () => void) => unknown }).setImmediate ?? setTimeout;

/**
 * Yields to the event loop: everything else that's ready runs first, above all responses to requests.
 *
 * Uses `setImmediate`, or, in a runtime without it, a timer of 0 milliseconds, which takes longer.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => void soon(resolve));
}
