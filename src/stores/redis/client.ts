import { UsageError } from "../../check-options.js";
import { digest } from "#crypto";
import { hex, utf8 } from "../../crypto/encoding.js";

/** A `Redis` or a `Cluster` of ioredis, reduced to the two methods that are called. */
export interface IoredisClient {
  evalsha(sha: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** A client of node-redis (the package `redis`), from `createClient` or `createCluster`, reduced to the same two. */
export interface NodeRedisClient {
  evalSha(sha: string, input: ScriptInput): Promise<unknown>;
  eval(script: string, input: ScriptInput): Promise<unknown>;
}

interface ScriptInput {
  keys: string[];
  arguments: string[];
}

export type RedisClient = IoredisClient | NodeRedisClient;

/** Runs a Lua script. Every key that the script touches is among `keys`. */
export type RunScript = (
  script: string,
  keys: readonly string[],
  values?: readonly (string | number)[],
) => Promise<unknown>;

/**
 * The one operation that the store needs from a client: EVALSHA, and EVAL if the server doesn't have the script (first
 * use, a restart, a failover, SCRIPT FLUSH).
 *
 * Throws a `TypeError` for an object that isn't a client.
 */
export function scriptRunner(client: RedisClient): RunScript {
  const call = callerOf(client);
  const names = new Map<string, Promise<string>>();

  const nameOf = (script: string) => {
    let name = names.get(script);
    if (!name) names.set(script, (name = sha1(script)));
    return name;
  };

  return async (script, keys, values = []) => {
    const input = { keys: [...keys], arguments: values.map(String) };
    try {
      return await call.bySha(await nameOf(script), input);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return call.byText(script, input);
    }
  };
}

function callerOf(client: RedisClient) {
  if (isNodeRedis(client)) {
    return {
      bySha: (sha: string, input: ScriptInput) => client.evalSha(sha, input),
      byText: (script: string, input: ScriptInput) => client.eval(script, input),
    };
  }
  if (isIoredis(client)) {
    if ((client as { options?: { stringNumbers?: unknown } }).options?.stringNumbers) {
      throw new UsageError(
        "redisStore got a client with stringNumbers: true, which returns numbers as strings, so no token would be found. Pass a client without it.",
      );
    }
    return {
      bySha: (sha: string, { keys, arguments: values }: ScriptInput) =>
        client.evalsha(sha, keys.length, ...keys, ...values),
      byText: (script: string, { keys, arguments: values }: ScriptInput) =>
        client.eval(script, keys.length, ...keys, ...values),
    };
  }
  throw new UsageError(
    "redisStore needs a Redis client. Pass new Redis(url) of ioredis, or a connected createClient({ url }) of redis.",
  );
}

function isNodeRedis(client: unknown): client is NodeRedisClient {
  return typeof (client as NodeRedisClient | null)?.evalSha === "function";
}

function isIoredis(client: unknown): client is IoredisClient {
  return typeof (client as IoredisClient | null)?.evalsha === "function";
}

/** How EVALSHA names a script. Nothing here relies on SHA-1 being collision-resistant. */
async function sha1(script: string): Promise<string> {
  return hex(await digest("sha1", utf8(script)));
}
