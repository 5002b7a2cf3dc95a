import { existsSync } from "node:fs";
import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { isRoot, program, run } from "./debian.js";
import { answering, ownServer, type OwnServer, runServer, shared, type Start } from "./shared.js";

/** The URL of a new, empty database on a real PostgreSQL. */
export async function postgres(): Promise<string> {
  const url = new URL(await shared("postgres", start(["synchronous_commit=off"])));
  const database = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await query(url.href, `create database ${database}`);
  url.pathname = `/${database}`;
  return url.href;
}

/** A PostgreSQL that is the caller's alone, and forgets nothing when it is stopped. */
export async function stoppablePostgres(): Promise<OwnServer> {
  return ownServer("postgres", start([]));
}

function start(more: readonly string[]): Start {
  return async ({ folder, port }) => {
    const find = "command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres | sort -rV";
    const server = await program(find, "postgresql");
    const data = join(folder, "data");
    // PostgreSQL refuses to run as root.
    const as = isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : ["env"];
    if (!existsSync(data)) await initialize(join(server, "..", "initdb"), data, as);
    const settings = [
      `port=${port}`,
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${data}`,
      // The machine does not crash; what a test writes need not be safe from that.
      "fsync=off",
      "full_page_writes=off",
      "max_connections=200",
      ...more,
    ];
    await runServer(folder, [...as, server, "-D", data, ...settings.flatMap((one) => ["-c", one])], "QUIT");
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    await answering(folder, () => query(url, "select 1"));
    return url;
  };
}

async function initialize(initdb: string, data: string, as: readonly string[]): Promise<void> {
  await mkdir(data);
  if (isRoot) await chown(data, await idOf("-u"), await idOf("-g"));
  await run(as[0]!, [...as.slice(1), initdb, "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"]);
}

async function idOf(which: "-u" | "-g"): Promise<number> {
  return Number((await run("id", [which, "postgres"])).stdout);
}

async function query(connectionString: string, text: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
