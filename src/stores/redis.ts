import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import type { Store, UserId } from "../ports.js";
import type { RedisClient, RunScript } from "./redis/client.js";
import { scriptRunner } from "./redis/client.js";
import { redisCounters } from "./redis/counters.js";
import { redisQueue } from "./redis/queue.js";
import { redisTokens } from "./redis/tokens.js";

export type { IoredisClient, NodeRedisClient, RedisClient } from "./redis/client.js";

export interface RedisStoreOptions {
  /** What every key begins with, inside a hash tag. Default `"resetkit"`. */
  readonly prefix?: string;
  /** Makes an id out of the hexadecimal text of an ObjectId (`users.parseId`). Default: the text. */
  readonly parseId?: (text: string) => UserId;
}

/**
 * Tokens, counters and queue in Redis 6.2 or newer, or Valkey, alone or as a cluster, over the client that
 * the application has: ioredis or node-redis. Every verb is decided in one Lua script.
 *
 * All tokens of a store lie in one slot of a cluster (the hash tag `{prefix:tokens}`), all counters in
 * another, the queue in a third: each part is as large as one node, and no larger. Redis and the users'
 * database have no transaction in common, so `users.lock` cannot be used with it. What a fail-over forgets
 * is gone: a token that was used comes back with it, but is bound to the state before the reset.
 *
 * Throws a `TypeError` for an object that is no client, and for options that it does not know.
 *
 * @example
 * const store = redisStore(new Redis(process.env.REDIS_URL));
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): Store {
  assertKnownKeys(options, ["prefix", "parseId"], "redisStore");
  const { prefix = "resetkit", parseId } = options;
  if (!/^[\w.:-]{1,64}$/.test(prefix)) {
    throw new UsageError(
      `redisStore got the prefix ${JSON.stringify(prefix)}: use 1 to 64 letters, digits and any of "_.:-".`,
    );
  }
  if (parseId) assertFunction(parseId, "redisStore's parseId", "pass a function of the id's text");
  const run = scriptRunner(client);
  const tags = ["tokens", "counters", "queue"].map((part) => `{${prefix}:${part}}`);
  const [tokens, counters, queue] = tags;

  return {
    tokens: redisTokens(run, tokens!, parseId),
    counters: redisCounters(run, counters!),
    queue: redisQueue(run, queue!),
    async check() {
      // In a cluster each may lie on another node, with a configuration of its own.
      for (const tag of tags) await checkServer(run, tag);
    },
    async time() {
      const [seconds, micros] = (await run("return redis.call('TIME')", [`${tokens}:check`])) as string[];
      return Number(seconds) * 1_000 + Number(micros) / 1_000;
    },
  };
}

/** Keys: any of the slot whose node is asked. */
const info = `return redis.call('INFO', 'server') .. redis.call('INFO', 'memory')`;

async function checkServer(run: RunScript, tag: string): Promise<void> {
  const text = await run(info, [`${tag}:check`]).catch((cause: unknown) => {
    throw new Error(
      "Redis did not tell its version and eviction policy: see that it is up, and that the user of this connection may run EVALSHA, EVAL and INFO.",
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
      `Redis would drop reset tokens, counters and mails when its memory is full (maxmemory-policy is ${policy}): set "maxmemory-policy noeviction" in its configuration, or give resetkit a Redis of its own that has it.`,
    );
  }
}
