import { join } from "node:path";
import { program, run } from "./debian.js";
import { answeringAt, asUser, newDatabase, settings } from "./mysql-database.js";
import { runServer, shared, type Start } from "./shared.js";

/** The URL of a new, empty database on a real MariaDB. */
export async function mariadb(): Promise<string> {
  return newDatabase(await shared("mariadb", start));
}

const start: Start = async ({ folder, port }) => {
  const server = await program("command -v mariadbd", "mariadb-server");
  const data = `--datadir=${join(folder, "data")}`;
  await run("mariadb-install-db", [
    "--no-defaults",
    ...asUser,
    data,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
  ]);
  await runServer(folder, [server, "--no-defaults", ...asUser, data, ...settings(folder, port)]);
  return answeringAt(folder, port);
};
