import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { isRoot, program, run } from "./debian.js";
import { answering, runServer, shared, type Start } from "./shared.js";

/** The URL of a new, empty database on a real PostgreSQL. */
export async function postgres(): Promise<string> {
  const url = new URL(await shared("postgres", start));
  const database = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await query(url.href, `create database ${database}`);
  url.pathname = `/${database}`;
  return url.href;
}

const start: Start = async ({ folder, port }) => {
  const serve = await initPostgres({ folder, port }, ["synchronous_commit=off"]);
  return serve();
};

/** Makes the files of a PostgreSQL; gives the function that runs it on them, be it for the first time or again. */
export async function initPostgres(
  { folder, port }: { readonly folder: string; readonly port: number },
  more: readonly string[] = [],
): Promise<() => Promise<string>> {
  const find = "command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres | sort -rV";
  const server = await program(find, "postgresql");
  const data = join(folder, "data");
  await mkdir(data);
  // PostgreSQL refuses to run as root.
  const as = isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : ["env"];
  if (isRoot) await chown(data, await idOf("-u"), await idOf("-g"));
  const initdb = join(server, "..", "initdb");
  await run(as[0]!, [...as.slice(1), initdb, "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"]);
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${data}`,
    // The data is thrown away; that it outlives the machine is not what is tested.
    "fsync=off",
    "full_page_writes=off",
    "max_connections=200",
    ...more,
  ];
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return async () => {
    await runServer(folder, [...as, server, "-D", data, ...settings.flatMap((one) => ["-c", one])], "QUIT");
    await answering(folder, () => query(url, "select 1"));
    return url;
  };
}

async function idOf(which: "-u" | "-g"): Promise<number> {
  return Number((await run("id", [which, "postgres"])).stdout);
}

export async function query(connectionString: string, text: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
