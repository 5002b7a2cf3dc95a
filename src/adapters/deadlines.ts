/** Calls back whoever has not been forgotten in time. */
export interface Deadlines {
  /** Calls `late` when `time` milliseconds have passed, a tenth of a second later at most. */
  expect(late: () => void, time: number): void;
  forget(late: () => void): void;
}

const every = 100;

/**
 * One timer for all bodies that are being read. Most are there in the same turn of the event loop, and to
 * set and clear a timer for each of them costs as much as to read it.
 */
export function createDeadlines(): Deadlines {
  const expected = new Map<() => void, number>();
  let isWatching = false;

  function watch(): void {
    isWatching = true;
    // The connections that are waited for keep the process alive, and nothing else should.
    setTimeout(look, every).unref();
  }

  function look(): void {
    isWatching = false;
    const now = performance.now();
    for (const [late, at] of expected) {
      if (at > now) continue;
      expected.delete(late);
      late();
    }
    if (expected.size > 0) watch();
  }

  return {
    expect(late, time) {
      expected.set(late, performance.now() + time);
      if (!isWatching) watch();
    },
    forget: (late) => void expected.delete(late),
  };
}
