import { random } from "#crypto";
import { isTransient } from "./errors.js";

const firstWait = 5;
const lastWait = 160;
/** No attempt begins later than this: in InnoDB, one statement alone may wait 50 seconds for a lock. */
const patience = 10_000;

/**
 * Runs `work`, and retries it at most six times if the database gave up for a transient reason: after 5 to 160 ms,
 * twice as long each time, plus up to as much again at random, so that two that collided don't collide again.
 */
export async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  const endsAt = performance.now() + patience;
  for (let wait = firstWait; ; wait *= 2) {
    try {
      return await work();
    } catch (error) {
      if (wait > lastWait || performance.now() > endsAt || !isTransient(error)) throw error;
      const jitter = (wait * random(1)[0]!) / 256;
      await new Promise((resolve) => setTimeout(resolve, wait + jitter));
    }
  }
}
