import { random } from "#crypto";

/**
 * What a worker has in progress, so that it takes on no more than the database and the mail server can keep up with.
 */
export interface Workload {
  /** How many more pieces of work may begin. */
  room(): number;
  /** Runs a piece once there's room for it. */
  hold<T>(piece: () => Promise<T>): Promise<T>;
  /** Runs a delivery. Meanwhile, the piece leaves its place at the database to another one. */
  deliver<T>(send: () => Promise<T>): Promise<T>;
  /** Runs the dry run of a delivery, and keeps its place for as long as one of the last deliveries took. */
  imitate<T>(send: () => Promise<T>): Promise<T>;
  /** Runs what follows a delivery, a few at a time. */
  note<T>(step: () => Promise<T>): Promise<T>;
  /** Resolves once there may be more room. */
  more(): Promise<void>;
}

/**
 * How many pieces look up accounts and make tokens at a time. Together with `noting`, fewer than a pool of ten
 * connections, so the application keeps some.
 */
const atDatabase = 6;
const noting = 2;
/** How many of the last deliveries to remember. */
const remembered = 64;
/** Concurrent deliveries to begin with: few mail servers accept fewer. */
const firstDeliveries = 16;

/**
 * Adapts how many messages are in progress to how fast `deliver` is, as TCP does (RFC 5681). Until one fails, each
 * delivery that succeeds allows one more, up to `most` (slow start). Each that fails halves it, and from then on a
 * success allows a little more (additive increase, multiplicative decrease).
 */
export function createWorkload(most: number): Workload {
  let allowed = Math.min(firstDeliveries, most);
  let hasFailed = false;
  let held = 0;
  let delivering = 0;
  let notes = 0;
  let delivered = 0;
  /** How long the last deliveries took, in milliseconds. */
  const recent: number[] = [];
  const line: (() => void)[] = [];
  let listeners: (() => void)[] = [];

  function tellMore(): void {
    const told = listeners;
    listeners = [];
    for (const listener of told) listener();
  }

  async function counted<T>(work: () => Promise<T>, add: (by: number) => void): Promise<T> {
    add(1);
    try {
      return await work();
    } finally {
      add(-1);
      tellMore();
    }
  }

  const inPlace = <T>(work: () => Promise<T>) =>
    counted(
      async () => {
        tellMore();
        try {
          const outcome = await work();
          allowed = Math.min(most, allowed + (hasFailed ? 4 / allowed : 1));
          return outcome;
        } catch (error) {
          hasFailed = true;
          allowed = Math.max(1, allowed / 2);
          throw error;
        }
      },
      (by) => (delivering += by),
    );

  const room = () => Math.min(Math.floor(allowed) - held, atDatabase - Math.max(0, held - delivering));
  const more = () => new Promise<void>((resolve) => void listeners.push(resolve));

  return {
    room,
    more,

    async hold(piece) {
      while (room() <= 0) await more();
      return counted(piece, (by) => (held += by));
    },

    deliver: (send) =>
      inPlace(async () => {
        const startedAt = performance.now();
        const outcome = await send();
        recent[delivered++ % remembered] = performance.now() - startedAt;
        return outcome;
      }),

    imitate: (send) =>
      inPlace(async () => {
        const [drawn = 0] = random(1);
        const until = performance.now() + (recent[drawn % recent.length] ?? 0);
        const outcome = await send();
        const left = until - performance.now();
        if (left >= 1) await new Promise((resolve) => setTimeout(resolve, left));
        return outcome;
      }),

    async note(step) {
      if (notes < noting) notes++;
      else await new Promise<void>((resolve) => void line.push(resolve));
      try {
        return await step();
      } finally {
        // The place goes straight to the next in line.
        const next = line.shift();
        if (next) next();
        else notes--;
      }
    },
  };
}
