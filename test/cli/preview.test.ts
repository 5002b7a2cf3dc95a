import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/run.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-preview-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function preview(...args: string[]) {
  let out = "";
  let err = "";
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    progress: null,
    ask: null,
    folder,
  };
  return { code: await run(["preview", ...args], terminal), out, err };
}

describe("npx resetkit preview", () => {
  it("writes every email and every page, each as what it says", async () => {
    expect(await preview("--out", "all", "--locale", "en,de", "--app-name", "Acme")).toMatchObject({
      code: 0,
      err: "",
    });
    const titles: Record<string, string> = {
      forgot: "Forgot your password?",
      blank: "Error: Forgot your password?",
      sent: "Check your inbox",
      code: "Enter your code",
      choose: "Choose a new password",
      wrong: "Error: Choose a new password",
      done: "Your password is saved",
      over: "This link no longer works",
      stale: "This page has expired",
      throttled: "Too many requests",
    };
    const at = join(folder, "all/en");
    for (const [name, title] of Object.entries(titles)) {
      expect(await readFile(join(at, `page-${name}.html`), "utf8"), name).toContain(
        `<title>${title} · Acme</title>`,
      );
    }
    const emails = {
      link: "reset/",
      code: "4821 7730",
      invitation: "account was created",
      changed: "was changed",
      unknown: "couldn't find",
    };
    for (const [name, part] of Object.entries(emails)) {
      expect(await readFile(join(at, `email-${name}.txt`), "utf8"), name).toContain(part);
      expect(await readFile(join(at, `email-${name}.html`), "utf8"), name).toContain("<html");
    }
    const names = await readdir(at);
    expect(names).toHaveLength(Object.keys(titles).length + 2 * Object.keys(emails).length);
    expect(await readdir(join(folder, "all/de"))).toEqual(names);
    expect(await readFile(join(folder, "all/de/page-forgot.html"), "utf8")).toContain('<html lang="de">');
    const index = await readFile(join(folder, "all/index.html"), "utf8");
    for (const name of names) expect(index).toContain(`href="en/${name}"`);
  });

  it("refuses languages that it doesn't have, and names that aren't languages", async () => {
    expect(await preview("--locale", "tlh")).toMatchObject({
      code: 2,
      err: expect.stringContaining('"tlh"'),
    });
    expect(await preview("--locale", "../de")).toMatchObject({ code: 2 });
    expect(await preview("--port", "none")).toMatchObject({ code: 2 });
  });

  it("serves them to this computer, under its own name alone", async () => {
    let out = "";
    const terminal = {
      out: (text: string) => void (out += text),
      err: () => undefined,
      progress: null,
      ask: null,
      folder,
    };
    const serving = run(["preview", "--port", "0", "--json"], terminal);
    await expect.poll(() => out).toContain("http://127.0.0.1:");
    const { url } = JSON.parse(out) as { url: string };
    expect(await (await fetch(url)).text()).toContain("en/page-choose.html");
    const page = await fetch(`${url}en/page-choose.html`);
    expect([page.status, page.headers.get("content-security-policy")]).toEqual([
      200,
      expect.stringContaining("form-action 'none'"),
    ]);
    expect((await fetch(`${url}../package.json`)).status).toBe(404);
    const status = await new Promise((resolve) =>
      get(url, { headers: { host: "attacker.example" } }, (response) =>
        resolve(response.resume().statusCode),
      ),
    );
    expect(status).toBe(403);
    process.emit("SIGINT");
    expect(await serving).toBe(0);
  });
});
