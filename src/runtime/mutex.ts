import { createTransactionScope, missingHandle, seesOwnCalls } from "./transaction-scope.js";

/** Turns at a connection that can hold one transaction at a time. */
export interface Mutex {
  /** Whether a transaction is open or waiting, so that a step would wait for its turn. */
  isTaken(): boolean;
  /** Runs a step: immediately if no transaction is open or waiting, otherwise in its turn. */
  run<T>(step: () => T | Promise<T>): Promise<T>;
  /** Runs a transaction: until it ends, every step and every other transaction waits. */
  runExclusive<T>(work: () => Promise<T>): Promise<T>;
}

export interface MutexOptions {
  /**
   * Longest wait for a turn, in milliseconds. After it the call rejects, and its work never runs.
   *
   * @default 30_000
   */
  readonly limit?: number;
}

/**
 * First come, first served. A statement that ran in between would be committed, or rolled back, with someone else's
 * work.
 *
 * A call made from inside the transaction that it would wait for is rejected immediately.
 */
export function createMutex({ limit = 30_000 }: MutexOptions = {}): Mutex {
  const scope = createTransactionScope();
  const waiting = new Set<() => void>();
  let isTaken = false;

  const turn = () =>
    new Promise<void>((resolve, reject) => {
      const start = () => {
        clearTimeout(timer);
        waiting.delete(start);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(start);
        reject(tooLate(limit));
      }, limit);
      waiting.add(start);
    });

  /** The connection stays taken from one turn to the next, so no other call runs in between. */
  const pass = () => {
    const [next] = waiting;
    if (next) next();
    else isTaken = false;
  };

  const inTurn = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const misuse = scope.misuse();
    if (misuse) throw misuse;
    if (isTaken) await turn();
    isTaken = true;
    try {
      return await work();
    } finally {
      pass();
    }
  };

  return {
    isTaken: () => isTaken,
    run: async (step) => (isTaken ? inTurn(step) : step()),
    runExclusive: (work) => inTurn(scope.inside(work)),
  };
}

function tooLate(limit: number): Error {
  const waited = `A database call waited ${limit / 1000} seconds for a transaction on the same connection to end.`;
  return new Error(
    seesOwnCalls() ? `${waited} Make that transaction shorter.` : `${waited} ${missingHandle}`,
  );
}

const known = new WeakMap<object, Mutex>();

/** The mutex of a client: the same one for every caller that wraps the same client. */
export function mutexOf(client: object): Mutex {
  let mutex = known.get(client);
  if (!mutex) known.set(client, (mutex = createMutex()));
  return mutex;
}
