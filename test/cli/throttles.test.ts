import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { run as runCommand } from "../../src/cli/run.js";
import { application, configOf } from "./application.js";
import { resetkit } from "./command.js";

const limits = `throttles: {
  request: [
    { by: "ip", max: 1, per: "24h" },
    { by: ({ ip, identifier }) => ip && ip + " " + identifier, max: 1, per: "1h" },
    { by: ({ scope }) => scope, max: 1, per: "1h" },
  ],
},`;

let folder: string;
beforeEach(async () => (folder = await application(configOf(limits))));
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const clear = (...words: string[]) => resetkit(folder, "throttles", "clear", ...words);

/** Requests from two addresses and of one tenant, and returns who is locked out now. */
async function lockedOut(): Promise<boolean[]> {
  const script = `import { reset, close } from "./resetkit.config.mjs";
    const contexts = [{ ip: "192.0.2.1" }, { ip: "2001:db8::1" }, { scope: "acme" }];
    const tries = [];
    for (const context of contexts)
      tries.push(await reset.request({ identifier: "Ada@example.com" }, context).then(() => false, () => true));
    console.log(JSON.stringify(tries));
    close();`;
  await writeFile(join(folder, "request.mjs"), script);
  const { execFileSync } = await import("node:child_process");
  const out = execFileSync(process.execPath, ["request.mjs"], {
    cwd: folder,
    encoding: "utf8",
    stdio: "pipe",
  });
  return JSON.parse(out.trim().split("\n").at(-1)!);
}

describe("resetkit throttles clear", () => {
  it("clears those of one client: by address, by address and identifier, or by a key of its own", async () => {
    expect(await lockedOut()).toEqual([false, false, false]);
    expect(await lockedOut()).toEqual([true, true, true]);
    const one = await clear("--ip", "192.0.2.1", "--identifier", "ada@EXAMPLE.com");
    expect(one).toMatchObject({ code: 0, out: "Cleared 2 counters.\n" });
    const network = await clear("--ip", "2001:db8::2", "--json");
    // The /64, and the /48 around it. Of the third, the identifier is missing.
    expect(network).toMatchObject({ code: 0, out: '{"cleared":2}\n' });
    expect(await clear("--by", "acme")).toMatchObject({ out: "Cleared 1 counter.\n" });
    expect((await clear("--identifier", "ada@example.com")).out).toContain("both: --ip and --identifier");
    expect(await lockedOut()).toEqual([false, true, false]);
  });

  it("clears all, and leaves other counters alone", async () => {
    await lockedOut();
    const all = await clear("--yes", "--json");
    expect(JSON.parse(all.out).cleared).toBeGreaterThanOrEqual(4);
    expect(await lockedOut()).toEqual([false, false, false]);
    const { default: Database } = await import("better-sqlite3");
    const db = new Database(join(folder, "app.db"));
    const counters = () => db.prepare("select count(*) as n from resetkit_counters").get() as { n: number };
    await clear("--yes");
    // What remembers that requests wait.
    expect(counters().n).toBeGreaterThan(0);
    db.close();
    expect((await clear("--yes")).out).toBe("There was nothing to clear.\n");
  });

  it("asks first on a terminal, and needs --yes in a pipe in production", async () => {
    const lines: string[] = [];
    const asked: string[] = [];
    const terminal = (answer: boolean | null) => ({
      out: (text: string) => void lines.push(text),
      err: (text: string) => void lines.push(text),
      progress: null,
      ask: answer === null ? null : async (question: string) => (asked.push(question), answer),
      folder,
    });
    expect(await runCommand(["throttles", "clear"], terminal(false))).toBe(0);
    expect([asked, lines]).toEqual([["Clear the rate limits of all clients?"], ["Nothing was cleared."]]);
    vi.stubEnv("NODE_ENV", "production");
    expect(await runCommand(["throttles", "clear"], terminal(null))).toBe(2);
    expect(lines.at(-1)).toContain("Pass --yes");
  });
});
