import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSmtp, type SmtpFake } from "./servers/smtp.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The first TypeScript block of the README. */
async function quickStart(): Promise<string> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  return /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("the README's quick start", () => {
  let folder: string;
  let smtp: SmtpFake;
  let app: ChildProcess;
  let base: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "resetkit-readme-"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    smtp = await startSmtp();
    const port = await freePort();
    base = `http://127.0.0.1:${port}/api/password_reset`;
    // The reader's own table, and a port that is free here; the rest is as it is printed.
    const code = (await quickStart()).replace("listen(3000)", `listen(${port}, "127.0.0.1")`);
    const table = `
      import Database from "better-sqlite3";
      const db = new Database("app.db");
      db.exec("create table users (id integer primary key, email text, password_hash text)");
      db.prepare("insert into users (email, password_hash) values (?, ?)").run("ada@example.com", "old");
      db.close();`;
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(folder, "table.js"), table);
    await writeFile(join(folder, "app.ts"), code);
    await writeFile(
      join(folder, "app.js"),
      ts.transpileModule(code, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      }).outputText,
    );
    await run(["table.js"]);
    app = spawn(process.execPath, ["app.js"], {
      cwd: folder,
      env: {
        ...process.env,
        RESET_SECRET: "a secret of the README's test: 0123456789 abcdef",
        SMTP_URL: smtp.url,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await waitFor(() =>
      fetch(`${base}/`).then(
        () => true,
        () => false,
      ),
    );
  });

  afterAll(async () => {
    app?.kill();
    await smtp?.close();
    await rm(folder, { recursive: true, force: true });
  });

  function run(args: string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd: folder, stdio: "inherit" });
      child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
    });
  }

  const post = (path: string, body: unknown) =>
    fetch(base + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  it("mounts in under 30 lines, imports aside", async () => {
    const lines = (await quickStart())
      .split("\n")
      .filter((line) => line.trim() !== "" && !line.startsWith("import "));
    expect(lines.length).toBeLessThan(30);
  });

  it("does the job", async () => {
    expect((await post("/", { email: "Ada@example.com" })).status).toBe(200);
    await waitFor(async () => smtp.mails.length > 0);
    const [mail] = smtp.mails;
    expect(mail!.to).toEqual(["ada@example.com"]);
    const token = /reset-password\/([\w-]+)/.exec(mail!.parsed.text!)![1]!;
    expect((await post("/validate_token/", { token })).status).toBe(200);
    expect((await post("/confirm/", { token, password: "1234" })).status).toBe(400);
    expect(await (await post("/confirm/", { token, password: "Correct-horse-9" })).json()).toEqual({
      status: "OK",
    });
    expect((await post("/confirm/", { token, password: "Correct-horse-9" })).status).toBe(404);
  });

  it("is good TypeScript, strictly", async () => {
    const program = ts.createProgram([join(folder, "app.ts")], {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      skipLibCheck: true,
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    });
    const found = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    expect(found).toEqual([]);
  }, 60_000);
});

async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error("it did not come true within 15 seconds");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
