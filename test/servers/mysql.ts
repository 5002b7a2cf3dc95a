import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./debian.js";
import { answeringAt, asUser, newDatabase, settings } from "./mysql-database.js";
import { once, runServer, shared, type Start } from "./shared.js";

/**
 * The URL of a new, empty database on a real MySQL, or why there is none: Debian's releases have no MySQL,
 * so it is unpacked from the unstable branch, which moves. It is the one server that may be absent.
 */
export async function mysql(): Promise<{ readonly url: string } | { readonly absent: string }> {
  if (!process.env.MYSQL_URL) {
    try {
      await once("mysql-program", unpack);
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

// Lists and packages go into the folder, none of the machine's own are touched, and nothing is installed.
const download = `
  set -e
  command -v apt-get dpkg >/dev/null || { echo "there is no apt-get here" >&2; exit 1; }
  mkdir -p lists/partial cache/archives/partial parts root
  : > status
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -1)
  echo "deb \${mirror:-http://deb.debian.org/debian} sid main" > sid.list
  apt="apt-get -qq -o Dir::Etc::sourcelist=$PWD/sid.list -o Dir::Etc::sourceparts=$PWD/parts
    -o Dir::State::lists=$PWD/lists -o Dir::State::status=$PWD/status -o Dir::Cache=$PWD/cache -o APT::Sandbox::User="
  $apt update
  $apt -y -d --no-install-recommends install mysql-server-core
  for package in cache/archives/*.deb; do dpkg -x "$package" root; done
  rm -rf lists cache`;

async function unpack(folder: string): Promise<string> {
  if (existsSync(kept)) return kept;
  try {
    await run("sh", ["-c", download], { cwd: folder });
    await rename(join(folder, "root"), kept);
    return kept;
  } catch (cause) {
    const { stderr } = cause as { stderr?: string };
    const reason = stderr?.trim().split("\n").at(-1) ?? String(cause);
    throw new Error(`it could not be unpacked from Debian's unstable branch (${reason}).`, { cause });
  }
}
