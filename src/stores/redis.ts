import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import type { Store, UserId } from "../ports.js";
import type { RedisClient, RunScript } from "./redis/client.js";
import { scriptRunner } from "./redis/client.js";
import { redisCounters } from "./redis/counters.js";
import { redisQueue } from "./redis/queue.js";
import { redisTokens } from "./redis/tokens.js";

export type { IoredisClient, NodeRedisClient, RedisClient } from "./redis/client.js";

export interface RedisStoreOptions {
  /** Prefix of every key, inside a hash tag. Default: `"resetkit"`. */
  readonly prefix?: string;
  /** Makes an id from the hexadecimal text of an ObjectId (`users.parseId`). Default: the text. */
  readonly parseId?: (text: string) => UserId;
}

/**
 * Tokens, counters, and queue in Redis 6.2 or newer, or Valkey, standalone or as a cluster, with the application's own
 * client: ioredis or node-redis. Every method makes its decision in one Lua script.
 *
 * All tokens of a store are in one slot of a cluster (the hash tag `{prefix:tokens}`), all counters in another, the
 * queue in a third, so each part must fit on one node. Redis and the users' database share no transactions, so
 * `users.lock` can't be used with it. What a failover loses is gone: a used token may come back, but it's bound to the
 * state before the reset.
 *
 * Throws a `TypeError` for an object that isn't a client, and for unknown options.
 *
 * @example
 * const store = redisStore(new Redis(process.env.REDIS_URL));
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): Store {
  assertKnownKeys(options, ["prefix", "parseId"], "redisStore");
  const { prefix = "resetkit", parseId } = options;
  if (!/^[\w.:-]{1,64}$/.test(prefix)) {
    throw new UsageError(
      `redisStore has the prefix ${JSON.stringify(prefix)}. Use 1 to 64 letters, digits, and any of "_.:-".`,
    );
  }
  if (parseId) assertFunction(parseId, "redisStore's parseId", "pass a function of the id's text");
  const run = scriptRunner(client);
  const tagOf = (part: string) => `{${prefix}:${part}}`;
  const [tokens, counters, queue] = [tagOf("tokens"), tagOf("counters"), tagOf("queue")];

  return {
    tokens: redisTokens(run, tokens, parseId),
    counters: redisCounters(run, counters),
    queue: redisQueue(run, queue),
    async check() {
      // In a cluster, each may be on another node, with its own configuration.
      for (const tag of [tokens, counters, queue]) await checkServer(run, tag);
    },
    async time() {
      const [seconds, micros] = (await run("return redis.call('TIME')", [`${tokens}:check`])) as string[];
      return Number(seconds) * 1_000 + Number(micros) / 1_000;
    },
  };
}

/** Keys: any key in the slot whose node is asked. */
const info = `return redis.call('INFO', 'server') .. redis.call('INFO', 'memory')`;

async function checkServer(run: RunScript, tag: string): Promise<void> {
  const text = await run(info, [`${tag}:check`]).catch((cause: unknown) => {
    throw new Error(
      "Redis didn't report its version and eviction policy. Check that it's running, and that the user of this connection may run EVALSHA, EVAL, and INFO.",
      { cause },
    );
  });
  const said = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(String(text))?.[1] ?? "";

  const version = said("redis_version");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 6 || (major === 6 && minor < 2)) {
    throw new Error(`This is Redis ${version}, which is too old. Run Redis 6.2 or newer, or Valkey.`);
  }

  const policy = said("maxmemory_policy");
  if (Number(said("maxmemory")) > 0 && policy !== "noeviction") {
    throw new Error(
      `Redis would drop reset tokens, counters, and queued emails when its memory is full (maxmemory-policy is ${policy}). Set "maxmemory-policy noeviction" in its configuration, or give resetkit its own Redis with that setting.`,
    );
  }
}
