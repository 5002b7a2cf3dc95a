/** Who may use the one connection that everybody shares. */
export interface Turns {
  /** Runs a step: at once where nobody has the connection for himself, else in its turn. */
  step<T>(run: () => T | Promise<T>): Promise<T>;
  /** Runs `work` with the connection for itself: until it ends, every step and all other work waits. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Turns at a connection that can hold one transaction, first come, first served. A statement that came in
 * between would be committed, or rolled back, with somebody else's work.
 *
 * The limit: work that waits for a step of its own, taken without the transaction's handle, waits for ever.
 */
export function createTurns(): Turns {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  const alone = <T>(work: () => T | Promise<T>): Promise<T> => {
    waiting++;
    const turn = last.then(work).finally(() => waiting--);
    last = turn.catch(() => {});
    return turn;
  };

  return {
    alone,
    step: async (run) => (waiting === 0 ? run() : alone(run)),
  };
}

const known = new WeakMap<object, Turns>();

/** The turns at a client: the same for everybody who wraps the same one. */
export function turnsOf(client: object): Turns {
  let turns = known.get(client);
  if (!turns) known.set(client, (turns = createTurns()));
  return turns;
}
