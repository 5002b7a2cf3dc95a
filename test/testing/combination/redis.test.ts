import { Redis } from "ioredis";
import { describe, it } from "vitest";
import { redisStore } from "resetkit/stores/redis";
import { combinationSuite } from "resetkit/testing";
import { redis } from "../../servers/redis.js";

const url = await redis();

// Redis takes commands on one connection, as many as come.
const options = { sizes: [1, 10], lock: false };
combinationSuite(
  { describe, it },
  "Redis",
  () => {
    const client = new Redis(url);
    const store = redisStore(client, { prefix: crypto.randomUUID() });
    return { store, close: () => client.disconnect() };
  },
  options,
);
