import { mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./command.js";

/** The configuration of an application with one account, on SQLite; `options` are those of its engine. */
export const configOf = (options = "") => `
  import Database from "better-sqlite3";
  import { appendFileSync } from "node:fs";
  import { passwordReset } from "resetkit";
  import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
  import { migrate, sqlStore } from "resetkit/stores/sql";
  const db = new Database("app.db");
  const ada = { id: 42, email: "ada@example.com", hash: "#" };
  const users = {
    findByIdentifier: (email) => (email === ada.email || email === "ada" ? ada : null),
    findById: (id) => (id === 42 ? ada : null),
    stateOf: (user) => [user.hash],
    setPassword: () => true,
    revokeSessions: "none",
  };
  export const connection = betterSqlite3(db);
  await migrate(connection);
  export const store = sqlStore(connection);
  export const reset = passwordReset({
    users,
    secret: "Zk3vT9qLw2Xr7Bn5Jd8Hs1Yp4Gm6Cf0aQeRtUiOo",
    store,
    url: "https://app.example.com/reset/{token}",
    deliver: (message) => appendFileSync("mails.txt", message.address + "\\n"),
    worker: "outside",
    ${options}
  });
  export const close = () => db.close();`;

/** A folder of its own for it, in which packages are found. */
export async function application(config = configOf(), file = "resetkit.config.mjs"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "resetkit-app-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, file), config);
  return folder;
}
