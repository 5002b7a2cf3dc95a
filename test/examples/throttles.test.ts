import { readFile } from "node:fs/promises";
import { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import { createHandler } from "resetkit/http";
import { throttleSuite } from "resetkit/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientOf } from "../../examples/throttles/client.js";
import { flexibleThrottle } from "../../examples/throttles/rate-limiter-flexible.js";
import { upstashThrottle } from "../../examples/throttles/upstash.js";
import { keptLog, makeKit, secret } from "../kit.js";
import { redis } from "../servers/redis.js";
import { startUpstash, type UpstashServer } from "../servers/upstash.js";

/** Nothing listens there. */
const nowhere = "http://127.0.0.1:9";
const unique = () => crypto.randomUUID();

throttleSuite({ describe, it }, "rate-limiter-flexible in memory", ({ max, per }) => ({
  throttle: flexibleThrottle(new RateLimiterMemory({ points: max, duration: per / 1_000 }), secret),
}));

let client: Redis;
let upstash: UpstashServer;
beforeAll(async () => {
  client = new Redis(await redis());
  upstash = await startUpstash();
});
afterAll(async () => {
  client.disconnect();
  await upstash.close();
});

throttleSuite(
  { describe, it },
  "rate-limiter-flexible on Redis",
  ({ max, per }) => {
    const limits = { storeClient: client, keyPrefix: unique(), points: max };
    // Its windows on Redis are of whole seconds.
    return {
      throttle: flexibleThrottle(
        new RateLimiterRedis({ ...limits, duration: Math.ceil(per / 1_000) }),
        secret,
      ),
    };
  },
  {
    unreachable() {
      const storeClient = new Redis({ port: 9, maxRetriesPerRequest: 0, retryStrategy: () => null });
      storeClient.on("error", () => undefined);
      const limiter = new RateLimiterRedis({ storeClient, points: 1, duration: 1 });
      return { throttle: flexibleThrottle(limiter, secret), close: () => storeClient.disconnect() };
    },
  },
);

throttleSuite(
  { describe, it },
  "Upstash's protocol",
  (limit) => {
    const { url, token } = upstash;
    // A secret of its own: no other case's counters.
    return { throttle: upstashThrottle({ url, token, ...limit, secret: unique() }) };
  },
  { unreachable: () => ({ throttle: upstashThrottle({ url: nowhere, token: "", max: 1, per: 1, secret }) }) },
);

it("a wrong token of the store is an outage, too", async () => {
  const throttle = upstashThrottle({ url: upstash.url, token: "wrong", max: 1, per: 60_000, secret });
  await expect(throttle.take({ stage: "request", ip: "192.0.2.1", now: 0 })).rejects.toThrow("401");
});

it("counts a /64 of IPv6 as one client, and keeps stages apart", () => {
  const of = (ip: string, stage: "request" | "confirm" = "request") =>
    clientOf({ ip, stage, now: 0 }, secret);
  expect(of("2001:db8::1")).toBe(of("2001:0db8:0:0:ffff::2"));
  expect(of("2001:db8::1")).not.toBe(of("2001:db8:0:1::1"));
  expect(of("192.0.2.1")).not.toBe(of("192.0.2.2"));
  expect(of("192.0.2.1")).not.toBe(of("192.0.2.1", "confirm"));
});

describe("in an application", () => {
  const post = (url: string) =>
    new Request(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"email":"ada@example.com"}',
    });

  const answersOf = async (url: string, count: number) => {
    const throttle = upstashThrottle({ url, token: upstash.token, max: 2, per: 60_000, secret: unique() });
    const { reset } = makeKit({ throttles: { request: [throttle] } });
    const handler = createHandler(reset, { log: keptLog() });
    const statuses: [number, boolean][] = [];
    for (let n = 0; n < count; n++) {
      const response = await handler(post("http://localhost/api/password_reset/"), { peer: "192.0.2.1" });
      statuses.push([response.status, Number(response.headers.get("retry-after")) > 0]);
    }
    return statuses;
  };

  it("responds with 429 over the limit", async () => {
    expect(await answersOf(upstash.url, 3)).toEqual([
      [200, false],
      [200, false],
      [429, true],
    ]);
  });

  it("responds with 503 if the store can't be reached", async () => {
    expect(await answersOf(nowhere, 1)).toEqual([[503, true]]);
  });
});

it("the page shows the examples as they are", async () => {
  const page = await readFile("docs/throttles.md", "utf8");
  for (const name of ["client", "rate-limiter-flexible", "upstash"]) {
    const example = await readFile(`examples/throttles/${name}.ts`, "utf8");
    expect(page).toContain(`\`\`\`ts\n${example}\`\`\``);
  }
});
