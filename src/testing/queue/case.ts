import type { RequestQueue } from "../../types.js";
import { start } from "../store/samples.js";

/** What a queue may leave out. */
export type QueuePart = "transaction" | "keyIds";

/** One guarantee of the port, and a test for it. */
export interface QueueCase {
  readonly name: string;
  /** The part without which the case makes no sense. */
  readonly needs?: QueuePart;
  /** Rejects if the guarantee is broken. The queue must be empty, and used by this case only. */
  run(queue: RequestQueue, time: Timeline): Promise<void>;
}

/** The points in time of a case, numbered as steps. */
export interface Timeline {
  /** The time of a step, in milliseconds since 1970. */
  at(step: number): number;
  /** Waits for a step, and resolves to the time that it is then. */
  reach(step: number): Promise<number>;
}

/** A timeline without real time: steps are one millisecond apart, and nothing waits. */
export function givenTime(): Timeline {
  const at = (step: number) => start + step;
  return { at, reach: async (step) => at(step) };
}
