import { random } from "#crypto";
import { isTransient } from "./errors.js";

const firstWait = 5;
const lastWait = 160;
/** No try begins later than this: InnoDB alone lets a statement wait 50 seconds for a lock. */
const patience = 10_000;

/**
 * Runs `work`, and again, at most six times, where the database gave up for a passing reason: 5 to 160 ms later, twice as
 * long each time, and up to as much again by chance, so that two that collided don't collide again.
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
