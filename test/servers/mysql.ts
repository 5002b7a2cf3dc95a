import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./debian.js";
import { answeringAt, asUser, newDatabase, settings } from "./mysql-database.js";
import { once, runServer, shared, type Start } from "./shared.js";
import { unpacked } from "./unstable.js";

/**
 * The URL of a new, empty database on a real MySQL, or why there is none: Debian's releases have no MySQL,
 * so it is unpacked from the unstable branch, which moves. It is the one server that may be absent.
 */
export async function mysql(): Promise<{ readonly url: string } | { readonly absent: string }> {
  if (!process.env.MYSQL_URL) {
    try {
      await once("mysql-program", (folder) => unpacked(folder, program));
    } catch (error) {
      const absent = (error as Error).message;
      console.warn(`MySQL IS NOT TESTED HERE: ${absent}`);
      return { absent };
    }
  }
  return { url: await newDatabase(await shared("mysql", start)) };
}

/** It is kept for the next run (330 MB). */
const kept = join(tmpdir(), "resetkit-mysql");
const program = { what: "it", kept, installed: "mysql-server-core" };

const start: Start = async ({ folder, port }) => {
  const find = `find ${kept}/usr/lib -name 'ld-linux-*.so.*' -type f | head -1`;
  // The program brings its own loader and libraries.
  const loader = (await run("sh", ["-c", find])).stdout.trim();
  const server = [loader, "--library-path", join(loader, ".."), join(kept, "usr/sbin/mysqld")];
  const place = [
    "--no-defaults",
    ...asUser,
    `--basedir=${join(kept, "usr")}`,
    `--lc-messages-dir=${join(kept, "usr/share/mysql")}`,
    `--datadir=${join(folder, "data")}`,
    "--secure-file-priv=NULL",
  ];
  await run(server[0]!, [...server.slice(1), ...place, "--initialize-insecure"]);
  await runServer(folder, [...server, ...place, ...settings(folder, port), "--mysqlx=OFF"]);
  return answeringAt(folder, port);
};
