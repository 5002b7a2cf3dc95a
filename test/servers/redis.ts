import { Redis } from "ioredis";
import { program } from "./debian.js";
import { answering, ownServer, type OwnServer, runServer, shared, type Start } from "./shared.js";

/** The URL of the real Redis of this run. It is shared: use a prefix of your own, and never flush it. */
export async function redis(): Promise<string> {
  return shared("redis", start());
}

/** The port of a Redis that is the caller's alone, to be reconfigured and flushed at will. */
export async function ownRedis(settings: readonly string[] = []): Promise<number> {
  return Number(new URL((await ownServer("redis", start(settings))).url).port);
}

/** A Redis that is the caller's alone, and forgets nothing when it is stopped. */
export async function stoppableRedis(): Promise<OwnServer> {
  return ownServer("redis", start(["--appendonly", "yes", "--appendfsync", "always"]));
}

/** `REDIS_SERVER` names another program to run, such as valkey-server. */
function start(settings: readonly string[] = []): Start {
  return async ({ folder, port }) => {
    const server = process.env.REDIS_SERVER ?? (await program("command -v redis-server", "redis-server"));
    const basics = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
    await runServer(folder, [server, ...basics, ...settings]);
    await answering(folder, () => ping(port));
    return `redis://127.0.0.1:${port}`;
  };
}

async function ping(port: number): Promise<void> {
  const client = new Redis(port, "127.0.0.1", { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}
