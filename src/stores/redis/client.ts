import { UsageError } from "../../check-options.js";
import { digest } from "#crypto";
import { hex, utf8 } from "../../crypto/encoding.js";

/** ioredis, a `Redis` or a `Cluster`, by the two methods that are called of it. */
export interface IoredisClient {
  evalsha(sha: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** node-redis (the package `redis`), of `createClient` or `createCluster`, by the same two. */
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
 * The one verb that the store needs of a client: EVALSHA, and EVAL if the server doesn't have the
 * script (first use, a restart, a failover, SCRIPT FLUSH).
 *
 * Throws a `TypeError` for an object that is no client.
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
    "redisStore got no Redis client: pass new Redis(url) of ioredis, or createClient({ url }) of redis, connected.",
  );
}

function isNodeRedis(client: unknown): client is NodeRedisClient {
  return typeof (client as NodeRedisClient | null)?.evalSha === "function";
}

function isIoredis(client: unknown): client is IoredisClient {
  return typeof (client as IoredisClient | null)?.evalsha === "function";
}

/** How EVALSHA names a script. Nothing here leans on SHA-1 being hard to collide. */
async function sha1(script: string): Promise<string> {
  return hex(await digest("sha1", utf8(script)));
}
