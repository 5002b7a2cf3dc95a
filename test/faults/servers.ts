/** Servers that a run of the matrix has for itself: they can be cut off and restarted. */
import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { inject } from "vitest";
import { program } from "../servers/debian.js";
import { initPostgres, query } from "../servers/postgres.js";
import { end } from "../servers/setup.js";
import { answering, freePort, runServer } from "../servers/shared.js";

export interface OwnServer {
  readonly url: string;
  /** Ends every connection to it. */
  cut(): Promise<void>;
  /** Ends it as a crash would, and starts it on the same files. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function ownPostgres(): Promise<OwnServer> {
  const folder = await ownFolder("postgres");
  // Without waiting for the log at each commit, a crash would forget what was answered.
  const serve = await initPostgres({ folder, port: await freePort() }, ["synchronous_commit=on"]);
  const url = await serve();
  return {
    url,
    cut: () =>
      query(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()",
      ),
    async restart() {
      await stop(folder);
      await serve();
    },
    stop: () => stop(folder),
  };
}

/** A Redis that writes each change to its log before it answers. */
export async function ownRedis(): Promise<OwnServer> {
  const folder = await ownFolder("redis");
  const server = process.env.REDIS_SERVER ?? (await program("command -v redis-server", "redis-server"));
  const port = await freePort();
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const ask = async (...words: [string, ...string[]]) => {
    const client = new Redis(port, "127.0.0.1", { lazyConnect: true, retryStrategy: () => null });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.call(...words);
    } finally {
      client.disconnect();
    }
  };
  const serve = async () => {
    await runServer(folder, [server, ...settings, "--appendonly", "yes", "--appendfsync", "always"]);
    await answering(folder, () => ask("PING"));
  };
  await serve();
  return {
    url: `redis://127.0.0.1:${port}`,
    cut: () => ask("CLIENT", "KILL", "TYPE", "normal"),
    async restart() {
      await stop(folder);
      await serve();
    },
    stop: () => stop(folder),
  };
}

async function ownFolder(name: string): Promise<string> {
  const folder = join(inject("servers").folder, `faults-${name}-${crypto.randomUUID()}`);
  await mkdir(folder);
  await chmod(folder, 0o755);
  return folder;
}

async function stop(folder: string): Promise<void> {
  await end(Number(await readFile(`${folder}.pid`, "utf8")));
}
