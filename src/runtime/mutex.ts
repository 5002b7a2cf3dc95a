/** Who may use the one connection that everybody shares. */
export interface Mutex {
  /** Runs a step: at once where nobody has the connection for himself, else in its turn. */
  run<T>(run: () => T | Promise<T>): Promise<T>;
  /** Runs `work` with the connection for itself: until it ends, every step and all other work waits. */
  runExclusive<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Turns at a connection that can hold one transaction, first come, first served. A statement that came in
 * between would be committed, or rolled back, with somebody else's work.
 *
 * The limit: work that waits for a step of its own, taken without the transaction's handle, waits for ever.
 */
export function createMutex(): Mutex {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  const runExclusive = <T>(work: () => T | Promise<T>): Promise<T> => {
    waiting++;
    const turn = last.then(work).finally(() => waiting--);
    last = turn.catch(() => {});
    return turn;
  };

  return {
    runExclusive,
    run: async (run) => (waiting === 0 ? run() : runExclusive(run)),
  };
}

const known = new WeakMap<object, Mutex>();

/** The mutex of a client: the same one for every caller that wraps the same client. */
export function mutexOf(client: object): Mutex {
  let mutex = known.get(client);
  if (!mutex) known.set(client, (mutex = createMutex()));
  return mutex;
}
