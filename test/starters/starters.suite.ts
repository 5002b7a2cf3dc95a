/** What `npx resetkit init` writes, in the projects that frameworks' own starters make: `npm run test:starters`. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resetkit } from "../cli/command.js";
import { packed } from "../package/packed.js";
import { run } from "../servers/debian.js";
import { freePort } from "../servers/shared.js";
import { rowsOf } from "../schemas/evidence.js";
import { starters, type Starter } from "./starters.js";

const evidence = rowsOf("starters");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-starters-"));
});
afterAll(async () => {
  evidence.write();
  await rm(folder, { recursive: true, force: true });
});

const wanted = process.env["STARTERS"]?.split(",");
const isWanted = ({ name }: Starter) => wanted?.some((one) => name.startsWith(one)) ?? true;

describe.each(starters.filter(isWanted))("$name", (starter) => {
  it("serves the pages and the API after init, and prints a link", async () => {
    const app = await made(starter);
    await install(app, (await packed()).tarball);
    const { out, code, err } = await resetkit(app, "init", "--yes", "--json");
    expect([code, err]).toEqual([0, ""]);
    const { answers, plan, written } = JSON.parse(out);
    for (const lines of plan.lines) await change(app, lines.file, (text) => starter.insert!(text, lines));

    const port = await freePort();
    const site = `http://127.0.0.1:${port}`;
    const env = { ...process.env, ...(await variablesOf(app)), PORT: `${port}`, APP_URL: site };
    if (starter.build) await run(process.execPath, starter.build, { cwd: app, env, maxBuffer: 2 ** 26 });
    const child = spawn(process.execPath, starter.start(port), { cwd: app, env });
    let log = "";
    child.stdout.on("data", (chunk) => (log += chunk));
    child.stderr.on("data", (chunk) => (log += chunk));
    try {
      const status = (path: string) =>
        fetch(site + path).then(
          (response) => response.status,
          () => 0,
        );
      await expect.poll(() => status("/forgot-password"), { timeout: 60_000, message: log }).toBe(200);
      const headers = { "content-type": "application/json" };
      const body = '{"email":"ada@example.com"}';
      const asked = await fetch(`${site}/api/password_reset/`, { method: "POST", headers, body });
      expect([asked.status, await asked.json()]).toEqual([200, { status: "OK" }]);
      await expect
        .poll(() => /http:\S+\/reset-password\/[\w-]{43}/.exec(log)?.[0], { timeout: 20_000 })
        .toBeDefined();
      const [link] = /http:\S+\/reset-password\/[\w-]{43}/.exec(log)!;
      const opened = await fetch(link, { redirect: "manual" });
      expect(opened.status).toBe(303);
      expect(opened.headers.get("location")).toMatch(/^\/reset-password(?:\?|$)/);
      const token = link.split("/").at(-1);
      const confirm = {
        method: "POST",
        headers,
        body: JSON.stringify({ token, password: "thunder marmalade quay" }),
      };
      expect((await fetch(`${site}/api/password_reset/confirm/`, confirm)).status).toBe(200);
      expect((await fetch(`${site}/api/password_reset/confirm/`, confirm)).status).toBe(404);
      const starterName = starter.make?.package ?? "files written by hand";
      const mounted =
        plan.lines.length > 0
          ? `lines in ${plan.lines.map((one: any) => `\`${one.file}\``).join(", ")}`
          : "files alone";
      const files = written.filter((one: string) => one !== ".env").length;
      evidence.row(
        starter.name,
        starterName,
        answers.framework,
        `${files} ${files === 1 ? "file" : "files"}, ${mounted}`,
        starter.build ? "built and started" : "started",
      );
    } finally {
      child.kill();
    }
  });
});

/** The project, as its starter makes it. */
async function made({ name, make, files = {}, edit }: Starter): Promise<string> {
  const place = join(folder, name.replaceAll(/\W/g, ""));
  const app = join(place, "app");
  await mkdir(place);
  if (make) {
    const tools = join(folder, `tools-${name.replaceAll(/\W/g, "")}`);
    await mkdir(tools);
    await writeFile(join(tools, "package.json"), "{}");
    await install(tools, make.package, "--ignore-scripts");
    const env = { ...process.env, CI: "1" };
    const bin = join(tools, "node_modules", make.bin);
    await run(process.execPath, [bin, ...make.args], { cwd: place, env, maxBuffer: 2 ** 26 });
  } else {
    await mkdir(app);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(app, path)), { recursive: true });
      await writeFile(join(app, path), text);
    }
  }
  if (edit) await change(app, "src/app/layout.tsx", (text) => edit("src/app/layout.tsx", text));
  return app;
}

async function install(where: string, ...more: string[]): Promise<void> {
  const args = ["install", "--no-audit", "--no-fund", "--legacy-peer-deps", "--loglevel=error", ...more];
  await run("npm", args, { cwd: where, maxBuffer: 2 ** 26 });
}

async function change(app: string, path: string, edit: (text: string) => string): Promise<void> {
  const file = join(app, path);
  const text = await readFile(file, "utf8");
  const changed = edit(text);
  expect(changed, path).not.toBe(text);
  await writeFile(file, changed);
}

async function variablesOf(app: string): Promise<Record<string, string>> {
  const text = await readFile(join(app, ".env"), "utf8");
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]));
}
