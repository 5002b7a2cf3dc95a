/**
 * DocumentDB, the MIT engine behind several offers that speak MongoDB's protocol: an extension of PostgreSQL 18, which
 * Debian's unstable branch has. It's unpacked with its own libc, and runs in a chroot of its own: root is needed.
 *
 * @module
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { isRoot, run } from "./debian.js";
import { answering, once, runServer, shared, type Start } from "./shared.js";
import { unpacked } from "./unstable.js";

/** It is kept for the next run (540 MB). */
const kept = join(tmpdir(), "resetkit-documentdb");

/** A user that the machine doesn't have: PostgreSQL refuses to run as root. */
const user = 26_432;

/** The URL of a DocumentDB, as PostgreSQL has it: its functions take MongoDB's commands. */
export async function documentdb(): Promise<string> {
  if (!isRoot) throw new Error("DocumentDB runs in a chroot: run the tests as root, or set MONGODB_URL.");
  await once("documentdb-program", unpack);
  return shared("documentdb", start);
}

const start: Start = async ({ folder, port }) => {
  const data = `/data/${port}`;
  await rm(join(kept, data), { recursive: true, force: true });
  await run(inside[0], [
    ...inside.slice(1),
    "initdb",
    "-D",
    data,
    "-A",
    "trust",
    "-U",
    "postgres",
    "--no-sync",
  ]);
  await mkdir(folder, { recursive: true });
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "/tmp",
    max_connections: 200,
    shared_preload_libraries: "pg_cron,pg_documentdb_core,pg_documentdb",
    "cron.database_name": "postgres",
    dynamic_shared_memory_type: "mmap",
    // The data is thrown away.
    fsync: "off",
    full_page_writes: "off",
    synchronous_commit: "off",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  await runServer(folder, [...inside, "postgres", "-D", data, ...options], "QUIT");
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await answering(folder, () => query(url, "select 1"));
  await query(url, "create extension documentdb cascade");
  return url;
};

const libraries = "/usr/lib/x86_64-linux-gnu";
const inside = [
  "chroot",
  `--userspec=${user}:${user}`,
  kept,
  ...["/usr/bin/env", "-i", "LC_ALL=C", "PATH=/usr/lib/postgresql/18/bin:/usr/bin"],
  `LD_LIBRARY_PATH=${libraries}:${libraries}/blas:${libraries}/lapack`,
] as const;

async function query(url: string, text: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(text).finally(() => client.end());
}

/** Made once the packages are unpacked: what a root folder needs for a shell and the server. */
const finish = `
  ln -s usr/bin bin; ln -s usr/lib lib; ln -s usr/lib64 lib64; ln -sf dash usr/bin/sh
  mkdir -p dev tmp data
  chmod 1777 tmp
  mknod -m 666 dev/null c 1 3
  mknod -m 666 dev/urandom c 1 9
  cp usr/share/postgresql/18/extension/postgis-3.control usr/share/postgresql/18/extension/postgis.control`;

const unpack = (folder: string) =>
  unpacked(folder, {
    what: "DocumentDB",
    kept,
    installed: "postgresql-18-documentdb",
    alone: ["dash", "coreutils", "postgresql-18-postgis-3-scripts"],
    finish,
    async complete(root) {
      // The extension connects to its own server, by that name.
      await writeFile(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
      await writeFile(join(root, "etc/passwd"), `postgres:x:${user}:${user}::/data:/bin/sh\n`);
      await writeFile(join(root, "etc/group"), `postgres:x:${user}:\n`);
      await run("chown", [`${user}:${user}`, join(root, "data")]);
    },
  });
