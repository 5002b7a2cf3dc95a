import type { RequestQueue } from "../../types.js";
import { start } from "../store/samples.js";

/** What a queue may do without. */
export type QueuePart = "transaction" | "keyIds";

/** One promise of the port, and how to see whether a queue keeps it. */
export interface QueueCase {
  readonly name: string;
  /** The part without which the case makes no sense. */
  readonly needs?: QueuePart;
  /** Rejects where the promise is broken. The queue must be empty, and used by this case only. */
  run(queue: RequestQueue, time: Timeline): Promise<void>;
}

/** The moments of a case: steps that its story goes by. */
export interface Timeline {
  /** The moment of a step. */
  at(step: number): number;
  /** Comes to a step, and gives the moment that it is then. */
  reach(step: number): Promise<number>;
}

/** The story of a case at moments that are only given. A step is the least that can be told apart. */
export function givenTime(): Timeline {
  const at = (step: number) => start + step;
  return { at, reach: async (step) => at(step) };
}
