/** Servers that a run of the matrix has for itself: they can be cut off and restarted. */
import { Redis } from "ioredis";
import { Client } from "pg";
import { stoppablePostgres } from "../servers/postgres.js";
import { stoppableRedis } from "../servers/redis.js";
import type { OwnServer } from "../servers/shared.js";

export interface FaultyServer {
  readonly url: string;
  /** Ends every connection to it. */
  cut(): Promise<void>;
  /** Ends it as a crash would, and starts it on the same files. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function faultyPostgres(): Promise<FaultyServer> {
  const server = await stoppablePostgres();
  return faulty(server, async () => {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()",
    );
    await client.end();
  });
}

/** A Redis that writes each change to its log before it answers. */
export async function faultyRedis(): Promise<FaultyServer> {
  const server = await stoppableRedis();
  return faulty(server, async () => {
    const client = new Redis(server.url);
    await client.call("CLIENT", "KILL", "TYPE", "normal");
    client.disconnect();
  });
}

function faulty({ url, stop, start }: OwnServer, cut: () => Promise<void>): FaultyServer {
  const restart = async () => {
    await stop();
    await start();
  };
  return { url, stop, cut, restart };
}
