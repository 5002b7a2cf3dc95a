/** Taken when the file is loaded: false timers that a test puts in their place later must not stop the worker. */
const soon = (globalThis as { setImmediate?: (go: () => void) => unknown }).setImmediate ?? setTimeout;

/**
 * Lets everything else that is ready have its turn at the process, answers to requests above all, and then goes on.
 *
 * By `setImmediate`; in a runtime that has none, by a timer of no milliseconds, which takes longer.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => void soon(resolve));
}
