import { Redis } from "ioredis";
import { createClient } from "redis";
import { redisStore } from "resetkit/stores/redis";
import { storeSuite } from "resetkit/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { OwnRedis } from "../servers/own-redis.js";
import { startRedis } from "../servers/own-redis.js";

let server: OwnRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

storeSuite(
  { describe, it },
  "redisStore over ioredis",
  async () => {
    const client = new Redis(server.url);
    await client.flushall();
    return { store: redisStore(client), close: () => client.disconnect() };
  },
  { lacks: ["transaction"] },
);

storeSuite(
  { describe, it },
  "redisStore over node-redis",
  async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    await client.flushAll();
    return { store: redisStore(client), close: () => client.destroy() };
  },
  { lacks: ["transaction"] },
);
