import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startSmtp } from "../servers/smtp.js";
import { resetkit, root } from "./command.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-doctor-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const configure = (options = "", migrated = true) =>
  writeFile(
    join(folder, "resetkit.config.mjs"),
    `
  import Database from "better-sqlite3";
  import { createTransport } from "nodemailer";
  import { passwordReset } from "resetkit";
  import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
  import { byEmail } from "resetkit/delivery/email";
  import { migrate, sqlStore } from "resetkit/stores/sql";
  const connection = betterSqlite3(new Database(":memory:"));
  if (${migrated}) await migrate(connection);
  export const reset = passwordReset({
    users: {
      findByIdentifier: () => null, findById: () => null, stateOf: (user) => [user.hash],
      setPassword: () => true, revokeSessions: "none",
    },
    secret: "Zk3vT9qLw2Xr7Bn5Jd8Hs1Yp4Gm6Cf0aQeRtUiOo",
    store: sqlStore(connection),
    url: "https://localhost/reset/{token}",
    deliver: () => {},
    worker: "outside",
    ${options}
  });`,
  );

const run = (...words: string[]) => resetkit(folder, "doctor", ...words);

describe("resetkit doctor", () => {
  it("says that nothing is wrong, and leaves with 0", async () => {
    await configure();
    expect(await run()).toEqual({ code: 0, out: "No problems found.\n", err: "" });
    expect((await run("--json")).out).toBe('{"findings":[]}\n');
  });

  it("shows each finding with its fix, and leaves with 1", async () => {
    await configure("", false);
    const { code, out, err } = await run();
    expect([code, err]).toEqual([1, ""]);
    expect(out).toBe(
      [
        "error: The tables resetkit_* are missing.",
        '  Fix: Run "npx resetkit migrate", or migrate(connection) of resetkit/stores/sql.',
        "1 finding.",
        "",
      ].join("\n"),
    );
    const { findings } = JSON.parse((await run("--json")).out);
    expect(findings).toMatchObject([{ level: "error" }]);
  });

  it("reports a configuration that can't be made, and warnings with exit code 0", async () => {
    await configure('lifetime: 3600, url: "undefined/{token}",');
    const broken = await run();
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/can't be loaded.*2 problems[\s\S]*lifetime is 3600[\s\S]*url is "undefined/);
    await configure('lifetime: "48h",');
    const warned = await run();
    expect([warned.code, warned.out]).toEqual([
      0,
      expect.stringContaining("warning: lifetime is above 24 hours"),
    ]);
    expect((await run("please")).code).toBe(2);
  });

  it("sends a message with --mail", async () => {
    const server = await startSmtp();
    await configure(
      `deliver: byEmail({ transport: createTransport("${server.url}"), from: "a@example.com" }),`,
    );
    const { code, out } = await run("--mail", "me@example.org");
    expect([code, out]).toEqual([0, "No problems found. The message was accepted.\n"]);
    expect(server.mails.map(({ to }) => to)).toEqual([["me@example.org"]]);
    await server.close();
  });
});
