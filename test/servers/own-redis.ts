import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

export interface OwnRedis {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a Redis that belongs to one test file, so that the file may reconfigure it, fill it and flush it.
 * `REDIS_SERVER` names another program to run, such as valkey-server.
 */
export async function startRedis(settings: readonly string[] = []): Promise<OwnRedis> {
  const folder = await mkdtemp(join(tmpdir(), "resetkit-redis-"));
  const port = await freePort();
  const program = process.env.REDIS_SERVER ?? "redis-server";
  const basics = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = spawn(program, [...basics, ...settings], { stdio: "ignore" });
  try {
    await answers(server, port);
  } catch (cause) {
    server.kill("SIGKILL");
    throw new Error(`${program} did not start: install it (Debian: apt-get install redis-server).`, {
      cause,
    });
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(server: ChildProcess, port: number): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`It ended with ${code}.`)));
  });
  failed.catch(() => {});
  const client = new Redis(port, "127.0.0.1", { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on("error", () => {});
  try {
    await Promise.race([client.ping(), failed]);
  } finally {
    client.disconnect();
  }
}

/** A port that was free a moment ago, below 50,000: a cluster node also takes the one 10,000 above. */
async function freePort(): Promise<number> {
  for (;;) {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as AddressInfo;
    await new Promise((resolve) => listener.close(resolve));
    if (port < 50_000) return port;
  }
}
