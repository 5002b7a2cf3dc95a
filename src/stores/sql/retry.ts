import { random } from "#crypto";
import { isTransient } from "./dialects.js";

/**
 * Runs `work`, and again, at most three times, where the database gave up for a passing reason: 5, 10 and
 * 20 ms later, and up to as much again by chance, so that two that collided do not collide again.
 */
export async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let wait = 5; ; wait *= 2) {
    try {
      return await work();
    } catch (error) {
      if (wait > 20 || !isTransient(error)) throw error;
      const jitter = (wait * random(1)[0]!) / 256;
      await new Promise((resolve) => setTimeout(resolve, wait + jitter));
    }
  }
}
