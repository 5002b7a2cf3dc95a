import { mkdir, readdir, readFile, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resetkit as run, root, start } from "./command.js";

/** An application's own objects, in the words of the documentation. */
const config = `
  import Database from "better-sqlite3";
  import { appendFileSync } from "node:fs";
  import { passwordReset } from "resetkit";
  import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
  import { sqlStore } from "resetkit/stores/sql";
  const db = new Database("app.db");
  const ada = { id: 42, email: "ada@example.com", hash: "#" };
  export const connection = betterSqlite3(db);
  export const store = sqlStore(connection);
  export const reset = passwordReset({
    users: {
      findByIdentifier: (email) => (email === ada.email ? ada : null),
      findById: (id) => (id === 42 ? ada : null),
      stateOf: (user) => [user.hash],
      setPassword: () => true,
      revokeSessions: "none",
    },
    secret: "a secret of the tests: 0123456789 abcdefghijklmnopqrstuvwxyz",
    store,
    url: "https://app.example.com/reset/{token}",
    deliver: (message) => appendFileSync("mails.txt", message.address + " " + message.token + "\\n"),
    throttles: false,
    worker: "outside",
  });
  export const close = () => db.close();`;

/** Many accounts, and a mail server that takes its time; a mail says which process sent it. */
const many = config
  .replace("app.db", "many.db")
  .replace('worker: "outside",', "")
  .replace(/findByIdentifier: .*/, "findByIdentifier: (email) => ({ id: email, email, hash: '#' }),")
  .replace(/findById: .*/, "findById: (id) => ({ id, email: id, hash: '#' }),")
  .replace(
    /deliver: .*/,
    `deliver: async (message) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      appendFileSync("many.txt", process.pid + " " + message.address + "\\n");
    },
    worker: { mode: "outside", tick: "20ms", concurrency: 4 },`,
  );

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-cli-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "resetkit.config.mjs"), config);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const resetkit = (...args: string[]) => run(folder, ...args);

describe("npx resetkit", () => {
  it("teaches by --help, for itself and for each of its commands", async () => {
    const { code, out } = await resetkit("--help");
    expect(code).toBe(0);
    const names = [...out.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)]
      .map((match) => match[1]!)
      .filter((name) => !name.startsWith("-"));
    expect(names).toEqual([
      "init",
      "migrate",
      "schema",
      "clear-expired",
      "tokens",
      "send",
      "work",
      "status",
      "doctor",
      "preview",
      "queue",
      "throttles",
      "secret",
    ]);
    const files = (await readdir(join(root, "src/cli"))).map((file) => file.replace(".ts", ""));
    for (const name of names) {
      expect(files).toContain(name);
      const help = await resetkit(name, "--help");
      expect([help.code, help.out.split("\n")[0]]).toEqual([
        0,
        expect.stringContaining(`Usage: resetkit ${name}`),
      ]);
    }
  });

  it("leaves with 2 and a sentence where the words are wrong", async () => {
    for (const args of [
      ["migrat"],
      ["tokens", "drop"],
      ["queue"],
      ["queue", "drop"],
      ["queue", "drop", "1", "2"],
      ["send"],
      ["throttles"],
      ["throttles", "drop"],
      ["migrate", "--url", "mssql://localhost/app"],
      ["secret", "--jsn"],
      ["migrate", "--dialect", "postgres"],
      ["migrate", "--schema"],
      ["schema"],
      ["init"],
      ["init", "--yes", "--framework", "rails"],
      ["schema", "--drizzle", "--sql"],
      ["schema", "--sql", "oracle"],
      ["schema", "--sql", "sqlite", "--schema", "tenant_a"],
    ]) {
      const { code, out, err } = await resetkit(...args);
      expect([code, out], args.join(" ")).toEqual([2, ""]);
      expect(err).toMatch(/\w+/);
    }
    expect((await resetkit("migrate", "--config", "elsewhere.js")).err).toContain(
      "There's no elsewhere.js here. Write one",
    );
  });

  it("does the round: migrate, send, list, revoke", async () => {
    const before = await resetkit("send", "ada@example.com");
    expect(before.code).toBe(1);
    expect(await resetkit("migrate")).toMatchObject({ code: 0, out: "Applied: 1, 2.\n" });
    expect(await resetkit("migrate", "--json")).toMatchObject({ code: 0, out: '{"applied":[]}\n' });
    expect(await resetkit("tokens", "list")).toMatchObject({ code: 0, out: "There are no tokens.\n" });

    expect(await resetkit("send", "ada@example.com")).toMatchObject({
      code: 0,
      out: "1 message was accepted.\n",
    });
    const unknown = await resetkit("send", "nobody@example.com", "--json");
    expect(JSON.parse(unknown.out)).toMatchObject({ delivered: 0, refused: "unknown_account" });
    const token = (await readFile(join(folder, "mails.txt"), "utf8")).trim().split(" ")[1]!;

    const list = await resetkit("tokens", "list", "--json");
    expect(JSON.parse(list.out)).toMatchObject({ user: "42", delivery: "accepted", code: false });
    expect(list.out).not.toContain(token);
    expect((await resetkit("tokens", "list")).out).toMatch(/^42 +20\d\d-/);

    expect((await resetkit("tokens", "revoke", "43")).out).toBe("That account has no tokens.\n");
    expect((await resetkit("tokens", "revoke", "42")).out).toBe("Revoked 1 token.\n");
    expect((await resetkit("clear-expired", "--json")).out).toMatch(/^\{"removed":\d+,"stopped":false\}\n$/);
  });

  it("prints the SQL of every dialect, without a configuration", async () => {
    for (const dialect of ["sqlite", "postgres", "mysql"]) {
      const { code, out } = await resetkit("migrate", "--print", "--dialect", dialect);
      expect(code).toBe(0);
      expect(out).toMatch(/create table if not exists [`"]?resetkit_/i);
    }
    expect((await resetkit("migrate", "--print")).out).toMatch(/create table/i);
    const inSchema = await resetkit(
      ...["migrate", "--print", "--dialect", "postgres", "--schema", "tenant_a"],
    );
    expect(inSchema.out).toContain('create table if not exists "tenant_a".resetkit_tokens');
    const onSqlite = await resetkit("migrate", "--schema", "tenant_a");
    expect([onSqlite.code, onSqlite.err]).toEqual([1, expect.stringContaining("SQLite has no schemas")]);
  });

  it("reads .env for the configuration, and keeps variables that are set", async () => {
    const where = join(folder, "with-env");
    await mkdir(where);
    await writeFile(join(where, ".env"), "FROM_FILE=read\nPATH=overwritten\n");
    const printed = "export const migrate = () => console.log(process.env.FROM_FILE, process.env.PATH);";
    await writeFile(join(where, "resetkit.config.mjs"), printed);
    const { code, out } = await run(where, "migrate");
    expect([code, out]).toEqual([0, expect.stringContaining(`read ${process.env["PATH"]}\n`)]);
  });

  it("makes secrets that are good", async () => {
    const [one, other] = await Promise.all([resetkit("secret"), resetkit("secret")]);
    expect(one.out).toMatch(/^[\w-]{43}\n$/);
    expect(one.out).not.toBe(other.out);
  });

  it("works until it is told to stop, and leaves nothing undone", async () => {
    const child = start(folder, "work");
    let out = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    const ended = new Promise((resolve) => child.once("close", resolve));
    await expect.poll(() => out, { timeout: 20_000 }).toContain("Working");
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  it("shares the work among as many as there are, and one that is told to stop finishes what it holds", async () => {
    await writeFile(join(folder, "many.config.mjs"), many.replace("many.db", join(folder, "many.db")));
    expect((await resetkit("migrate", "--config", "many.config.mjs")).code).toBe(0);
    // The application's own process: it takes requests, and mails nothing.
    const { reset, close } = await import(join(folder, "many.config.mjs"));
    const people = Array.from({ length: 40 }, (_, i) => `person${i}@example.com`);
    for (const identifier of people) await reset.request({ identifier });
    const mails = async () =>
      (await readFile(join(folder, "many.txt"), "utf8").catch(() => "")).trim().split("\n").filter(Boolean);

    const workers = [1, 2, 3].map(() => {
      const child = start(folder, "work", "--config", "many.config.mjs");
      return { child, ended: new Promise<number | null>((resolve) => child.once("close", resolve)) };
    });
    await expect
      .poll(async () => (await mails()).length, { timeout: 20_000, interval: 20 })
      .toBeGreaterThan(0);
    const first = Number((await mails())[0]!.split(" ")[0]);
    const told = workers.find(({ child }) => child.pid === first)!;
    told.child.kill("SIGTERM");
    expect(await told.ended).toBe(0);
    await expect.poll(async () => (await mails()).length, { timeout: 20_000 }).toBe(people.length);
    for (const { child } of workers) child.kill("SIGTERM");
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0, 0]);

    const sent = (await mails()).map((line) => line.split(" "));
    expect(sent.map(([, address]) => address).sort()).toEqual([...people].sort());
    expect(new Set(sent.map(([pid]) => pid)).size).toBeGreaterThan(1);
    close();
  });
});
