import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DemoProcess, startDemo, temporaryFolder } from "./process.js";
import { firstPassword, tokenIn, visitor } from "./visitor.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let demo: DemoProcess;

beforeAll(async () => {
  folder = await temporaryFolder();
  demo = await startDemo(folder.path, { THROTTLE: "off" });
});

afterAll(async () => {
  await demo.kill();
  await folder.remove();
});

/** Every form in which a careless application might keep a token. */
function formsOf(token: string): Map<string, Buffer> {
  const text = Buffer.from(token);
  const raw = Buffer.from(token, "base64url");
  const sources = { token: text, "decoded token": raw };
  const forms = new Map<string, Buffer>();
  for (const [name, bytes] of Object.entries(sources)) {
    const hash = createHash("sha256").update(bytes).digest();
    for (const [kind, value] of Object.entries({ [name]: bytes, [`SHA-256 of the ${name}`]: hash })) {
      forms.set(kind, value);
      forms.set(`${kind} in hex`, Buffer.from(value.toString("hex")));
      forms.set(`${kind} in capital hex`, Buffer.from(value.toString("hex").toUpperCase()));
      forms.set(`${kind} in base64`, Buffer.from(value.toString("base64").replace(/=+$/, "")));
      forms.set(`${kind} in base64url`, Buffer.from(value.toString("base64url")));
    }
  }
  return forms;
}

function formsIn(dump: Buffer, token: string): string[] {
  return [...formsOf(token)].filter(([, form]) => dump.includes(form)).map(([name]) => name);
}

/** The bytes of all files directly in a folder whose names begin with `start`. */
async function dumpOf(path: string, start = ""): Promise<Buffer> {
  const names = (await readdir(path)).filter((name) => name.startsWith(start));
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(path, name)))));
}

it("neither the database nor its log holds a token in any form, before and after it is used (CVE-2026-27886)", async () => {
  const me = visitor(demo.url);
  await me.ask("ada@example.com");
  await me.ask("grace@example.com");
  await me.ask("nobody-7f3a@example.com");
  const used = tokenIn((await me.resetMails("ada@example.com"))[0]!);
  const unused = tokenIn((await me.resetMails("grace@example.com"))[0]!);

  const look = async () => {
    const dump = await dumpOf(folder.path, "demo.sqlite");
    // Controls: it is the right file, and the same search finds tokens where they must be.
    expect(dump.includes("grace@example.com")).toBe(true);
    expect(dump.includes(firstPassword)).toBe(false);
    const inbox = await dumpOf(join(folder.path, "inbox"));
    for (const token of [used, unused]) {
      expect(formsIn(dump, token)).toEqual([]);
      expect(formsIn(inbox, token)).toContain("token");
    }
    expect(dump.includes("nobody-7f3a")).toBe(false);
  };

  await look();
  expect((await me.confirm(used, "thunder marmalade quay")).status).toBe(200);
  await look();
  await demo.stop();
  await look();
});

it("the search knows every form (control)", () => {
  const token = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
  for (const [name, form] of formsOf(token)) {
    expect(formsIn(Buffer.concat([Buffer.from("before"), form, Buffer.from("after")]), token)).toContain(
      name,
    );
  }
});
