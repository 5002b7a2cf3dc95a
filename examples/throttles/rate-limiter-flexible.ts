import { RateLimiterRes, type RateLimiterAbstract } from "rate-limiter-flexible";
import type { Throttle } from "resetkit/types";
import { clientOf } from "./client.js";

/** Counts with a limiter of rate-limiter-flexible, such as its `RateLimiterRedis`. */
export function flexibleThrottle(limiter: RateLimiterAbstract, secret: string): Throttle {
  return {
    async take(attempt) {
      const client = clientOf(attempt, secret);
      if (client === undefined) return;
      try {
        await limiter.consume(client);
      } catch (error) {
        // An outage is no verdict: the endpoint then responds with 503.
        if (!(error instanceof RateLimiterRes)) throw error;
        return { retryAfter: error.msBeforeNext / 1000 };
      }
    },
    async giveBack(attempt) {
      const client = clientOf(attempt, secret);
      if (client !== undefined) await limiter.reward(client);
    },
  };
}
