import { execFile } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { withInserter } from "./cleanup.js";
import type { Summary } from "./figures.js";
import { fill, open, type Place } from "./tables.js";

export interface Screens {
  readonly midway: string;
  readonly end: string;
  readonly inserts: Summary;
}

const run = promisify(execFile);

const config = `import Database from "better-sqlite3";
import { passwordReset } from "resetkit";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { sqlStore } from "resetkit/stores/sql";

const db = new Database("app.db");
export const store = sqlStore(betterSqlite3(db));
export const reset = passwordReset({
  users: {
    findByIdentifier: () => null,
    findById: () => null,
    stateOf: () => [],
    setPassword: () => false,
    revokeSessions: "none",
  },
  secret: "a secret of the benchmark: 0123456789 abcdefghijklmnopqrstuvwxyz",
  store,
  url: "https://app.example.com/reset/{token}",
  deliver: () => undefined,
});
export const close = () => db.close();
`;

/** Runs `npx resetkit clear-expired` in a real terminal, by tmux, while another process inserts. */
export async function screens(folder: string, rows: number, now: number): Promise<Screens> {
  await makeApplication(folder);
  const place: Place = { database: "sqlite", url: join(folder, "app.db") };
  const opened = open(place);
  await fill(opened, rows, now);
  await opened.close();

  const tmux = async (...words: string[]) => {
    const base = ["-L", `resetkit-${process.pid}`, "-f", "/dev/null"];
    return (
      await run("tmux", [...base, ...words], {
        env: { PATH: process.env.PATH, HOME: folder, PS1: "$ ", npm_config_update_notifier: "false" },
      })
    ).stdout;
  };
  await tmux("new-session", "-d", "-x", "72", "-y", "12", "-c", folder, "sh");
  try {
    const { result, inserts } = await withInserter(place, async () => {
      await tmux("send-keys", "npx resetkit clear-expired", "Enter");
      let midway = "";
      for (let tries = 0; tries < 3_000; tries++) {
        await pause(100);
        const screen = (await tmux("capture-pane", "-p")).trimEnd();
        if (/^Removed .* rows in/m.test(screen)) return { midway, end: screen };
        if (tries === 50 || (midway === "" && screen.includes("rows removed"))) midway = screen;
      }
      throw new Error("resetkit clear-expired did not end within five minutes.");
    });
    return { ...result, inserts };
  } finally {
    await tmux("kill-server");
  }
}

/** A folder as an application's is: its own configuration, and resetkit among its modules. */
async function makeApplication(folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, ".bin"), { recursive: true });
  await symlink(resolve("."), join(modules, "resetkit"));
  await symlink(resolve("node_modules/better-sqlite3"), join(modules, "better-sqlite3"));
  // As npm does when it installs a package with a program.
  await chmod(resolve("dist/cli/main.js"), 0o755);
  await symlink("../resetkit/dist/cli/main.js", join(modules, ".bin/resetkit"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "app", private: true }));
  await writeFile(join(folder, "resetkit.config.mjs"), config);
}
