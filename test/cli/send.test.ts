import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { application, configOf } from "./application.js";
import { resetkit } from "./command.js";

let folder: string;
beforeEach(async () => (folder = await application()));
afterEach(() => rm(folder, { recursive: true, force: true }));

const configure = (options: string) => writeFile(join(folder, "resetkit.config.mjs"), configOf(options));
const run = (...words: string[]) => resetkit(folder, ...words);
const mails = () => readFile(join(folder, "mails.txt"), "utf8").catch(() => "");

describe("resetkit send", () => {
  it("says that the message was accepted, or why there is none", async () => {
    expect(await run("send", "ada@example.com")).toMatchObject({ code: 0, out: "1 message was accepted.\n" });
    const unknown = await run("send", "grace@example.com");
    expect([unknown.code, unknown.out]).toEqual([1, "No email was sent: no account matches.\n"]);
    const mismatched = await run("send", "ada");
    expect([mismatched.code, mismatched.out]).toEqual([1, expect.stringContaining("users.identifierOf")]);
    expect(await mails()).toBe("ada@example.com\n");
  });

  it("says that the account has as many links as it may, and that those work", async () => {
    // The clock stands still: a request that took long may wait for a token that a crash left behind.
    await configure("maxLive: 1, clock: () => 1_790_000_000_000,");
    expect((await run("send", "ada@example.com")).code).toBe(0);
    const { code, out } = await run("send", "ada@example.com", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ delivered: 0, refused: "over_cap" });
  });

  it("says why the mail server refused, and since when it's queued", async () => {
    await configure('deliver: () => Promise.reject(new Error("550 ada@example.com is no customer")),');
    const { code, out } = await run("send", "ada@example.com");
    expect(code).toBe(1);
    expect(out).toMatch(
      /^The email wasn't accepted: Error: 550 \S+ is no customer\. It has been queued since \d\d:\d\d UTC, and a worker will retry it\.\n$/,
    );
    expect(out).not.toContain("ada@example.com");
  });

  it("counts its own message only, while others are sent at the same time", async () => {
    // Made by another process; all that is due is done by the one that sends.
    await configure("throttles: false,");
    const script = `import { reset, close } from "./resetkit.config.mjs";
      for (const identifier of ["ada@example.com", "grace@example.com"]) await reset.request({ identifier });
      close();`;
    await writeFile(join(folder, "request.mjs"), script);
    const { execFileSync } = await import("node:child_process");
    execFileSync(process.execPath, ["request.mjs"], { cwd: folder });
    const { code, out } = await run("send", "linus@example.com");
    expect([code, out]).toEqual([1, "No email was sent: no account matches.\n"]);
    expect(await mails()).toBe("ada@example.com\n");
  });

  it("says that another worker took it", async () => {
    // A queue that hands nothing out to this process.
    const taken = "const store = { ...whole, queue: { ...whole.queue, lease: async () => [] } };";
    const config = configOf().replace("export const store =", "const whole =");
    const source = config.replace("export const reset", `${taken}\nexport const reset`);
    await writeFile(join(folder, "resetkit.config.mjs"), `${source}\nexport { store };`);
    const queued = await run("send", "ada@example.com");
    expect(queued).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Queued, and waiting since \d\d:\d\d UTC\./),
    });
    const gone = source.replace("lease: async", "list: async () => [], lease: async");
    await writeFile(join(folder, "resetkit.config.mjs"), `${gone}\nexport { store };`);
    const other = await run("send", "ada@example.com");
    expect(other).toMatchObject({
      code: 0,
      out: expect.stringContaining("Another worker leased the request"),
    });
  });
});

describe("resetkit work --once", () => {
  it("sends what is due and ends, and leaves with 1 if an attempt failed", async () => {
    const script = `import { reset, close } from "./resetkit.config.mjs";
      await reset.request({ identifier: "ada@example.com" });
      close();`;
    await writeFile(join(folder, "request.mjs"), script);
    const { execFileSync } = await import("node:child_process");
    execFileSync(process.execPath, ["request.mjs"], { cwd: folder });
    expect(await run("work", "--once")).toMatchObject({ code: 0, out: "Done: 1 message was accepted.\n" });
    expect(await mails()).toBe("ada@example.com\n");
    expect(await run("work", "--once")).toMatchObject({ code: 0, out: "Done: 0 messages were accepted.\n" });

    await configure('deliver: () => Promise.reject(new Error("down")),');
    execFileSync(process.execPath, ["request.mjs"], { cwd: folder });
    const { code, out } = await run("work", "--once");
    expect([code, out]).toEqual([1, "Done: 0 messages were accepted, and 1 attempt failed.\n"]);
  });

  it("ends although the configuration leaves something open, and says so", async () => {
    const open = `${configOf()}\nsetInterval(() => {}, 1_000);`;
    await writeFile(join(folder, "resetkit.config.mjs"), open);
    const { code, err } = await run("work", "--once");
    expect([code, err]).toEqual([0, expect.stringContaining("Export close() from the configuration")]);
  });
});
