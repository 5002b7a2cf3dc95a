import type { Throttle } from "resetkit/types";
import { clientOf } from "./client.js";

export interface UpstashOptions {
  /** `UPSTASH_REDIS_REST_URL`. */
  readonly url: string;
  /** `UPSTASH_REDIS_REST_TOKEN`. */
  readonly token: string;
  /** Attempts of one client in a window. */
  readonly max: number;
  /** Length of the window, in milliseconds. */
  readonly per: number;
  /** Hashes the client's IP address. */
  readonly secret: string;
}

/** Counts in a Redis that is reached by HTTP, with Upstash's REST protocol. */
export function upstashThrottle({ url, token, max, per, secret }: UpstashOptions): Throttle {
  async function send(path: string, commands: unknown): Promise<any> {
    const response = await fetch(new URL(path, url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(commands),
      signal: AbortSignal.timeout(2_000),
    });
    if (!response.ok) throw new Error(`The rate limit's store responded with ${response.status}.`);
    return response.json();
  }
  const keyOf = (client: string) => `reset:${client}`;

  return {
    async take(attempt) {
      const client = clientOf(attempt, secret);
      if (client === undefined) return;
      const key = keyOf(client);
      // One transaction: a key that is counted always has an end.
      const [, counted, left] = await send("/multi-exec", [
        ["SET", key, "0", "PX", per, "NX"],
        ["INCR", key],
        ["PTTL", key],
      ]);
      if (counted.result > max) return { retryAfter: Math.max(1, left.result) / 1000 };
    },
    async giveBack(attempt) {
      const client = clientOf(attempt, secret);
      if (client !== undefined) await send("/", ["EVAL", giveBack, 1, keyOf(client)]);
    },
  };
}

/** A window may have ended meanwhile: then there is nothing to take back. */
const giveBack =
  'if (tonumber(redis.call("GET", KEYS[1])) or 0) > 0 then return redis.call("DECR", KEYS[1]) end';
