/**
 * Compiles and runs the code of each guide in docs/guides/ in a new folder with the packed package: `npm run docs:guides`.
 * Writes docs/evidence/guides.md, and exits with 1 if something fails.
 *
 * A block that names its file (```ts [src/server.ts]) becomes that file. All guides are compiled. Guides with a complete
 * server are also started, and a password is reset through them with the link that they print.
 */
import { execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";

const root = fileURLToPath(new URL("..", import.meta.url));
const guides = readdirSync(join(root, "docs/guides")).filter((file) => file.endsWith(".md"));

/** The compiled files that start a complete server. The code of other guides is loaded by its framework's build. */
const servers = {
  "express-spa.md": "src/server.js",
  "fastify.md": "src/server.js",
  "nestjs.md": "src/main.js",
};
/** Minimal types of frameworks that aren't installed here. */
const foreign = `declare module "h3" { export function fromNodeMiddleware(listener: unknown): unknown; }`;

const compilerOptions = {
  ...{ target: "es2023", lib: ["es2023", "dom"], module: "nodenext", types: ["node"], strict: true },
  ...{
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    jsx: "preserve",
  },
  ...{ experimentalDecorators: true, emitDecoratorMetadata: true, rootDir: ".", outDir: "dist" },
};

const packed = pack();
const rows = [];
for (const guide of guides)
  rows.push(await check(guide).catch((error) => ({ guide, failed: String(error.message ?? error) })));
rmSync(packed, { recursive: true, force: true });

const lines = rows.map(({ guide, files, ran, failed }) => {
  return `| [${guide.replace(".md", "")}](../guides/${guide}) | ${files ?? ""} | ${failed ? "**failed**" : (ran ?? "compiled")} |`;
});
writeFileSync(
  join(root, "docs/evidence/guides.md"),
  `# The code of the guides

- Command: \`npm run docs:guides\`
- Date: ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC
- Each guide's files are written into a fresh folder with the packed package, and compiled there. Servers are started: a link is requested and
  printed, a password is set by it, and the link doesn't work a second time.

| guide | files | result |
| --- | --- | --- |
${lines.join("\n")}
`,
);
for (const { guide, failed } of rows) if (failed) console.error(`${guide}: ${failed}`);
console.log(`${rows.filter(({ failed }) => !failed).length} of ${rows.length} guides work.`);
if (rows.some(({ failed }) => failed)) process.exitCode = 1;

/** Packs the package and unpacks it as an installation would. */
function pack() {
  const folder = mkdtempSync(join(tmpdir(), "resetkit-guides-"));
  const pack = ["pack", "--ignore-scripts", "--pack-destination", folder, "--silent"];
  execFileSync("npm", pack, { cwd: root });
  const [tarball] = readdirSync(folder);
  execFileSync("tar", ["-xzf", join(folder, tarball), "-C", folder]);
  return folder;
}

async function check(guide) {
  const text = readFileSync(join(root, "docs/guides", guide), "utf8");
  const blocks = [...text.matchAll(/^```ts \[([^\n]+)\]\n([\s\S]*?)^```/gm)];
  if (blocks.length === 0) {
    throw new Error("No code block names its file. Start one with ```ts [src/server.ts].");
  }
  const folder = mkdtempSync(join(tmpdir(), "resetkit-guide-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    for (const name of readdirSync(join(root, "node_modules"))) {
      if (name !== "resetkit" && !name.startsWith(".")) {
        symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
      }
    }
    cpSync(join(packed, "package"), join(folder, "node_modules/resetkit"), { recursive: true });
    const write = (name, content) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    };
    write("package.json", JSON.stringify({ type: "module" }));
    write(
      "tsconfig.json",
      JSON.stringify({ compilerOptions, include: ["**/*.ts"], exclude: ["node_modules", "dist"] }),
    );
    write("foreign.d.ts", foreign);
    for (const [, name, code] of blocks) write(name, code);
    const printed = await run(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", "."],
      folder,
    );
    if (printed) throw new Error(printed);
    const main = servers[guide];
    if (main) await tryServer(folder, join("dist", main));
    return { guide, files: blocks.length, ran: main && "compiled, started, reset a password" };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command, parameters, cwd) {
  return new Promise((resolve) => {
    execFile(command, parameters, { cwd }, (error, stdout, stderr) => resolve(error ? stdout + stderr : ""));
  });
}

/** Starts a server, and resets Ada's password through it. */
async function tryServer(folder, main) {
  const file = join(folder, "app.db");
  const db = new Database(file);
  db.exec("create table users (id integer primary key, email text not null, password_hash text)");
  db.exec("create table sessions (id integer primary key, user_id integer not null)");
  db.exec("insert into users (email) values ('ada@example.com')");
  db.close();
  const port = await freePort();
  const env = {
    ...process.env,
    PORT: String(port),
    DATABASE_FILE: file,
    RESET_SECRET: randomBytes(32).toString("hex"),
  };
  const child = spawn(process.execPath, [main], { cwd: folder, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const post = (path, body) =>
    fetch(`http://127.0.0.1:${port}/api/password_reset${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  try {
    const asked = await until(
      () => post("/", { email: "ada@example.com" }).catch(() => undefined),
      () => output,
    );
    if (asked.status !== 200) throw new Error(`The request got ${asked.status}. ${output}`);
    const [, token] = await until(
      () => /\/reset\/([\w-]{43})/.exec(output),
      () => output,
    );
    const statuses = [];
    for (const body of [
      { token, password: "a quiet lamp by the river" },
      { token, password: "another lamp by the sea" },
    ]) {
      statuses.push((await post("/confirm/", body)).status);
    }
    if (String(statuses) !== "200,404") throw new Error(`The two confirms got ${statuses}. ${output}`);
  } finally {
    child.kill();
  }
}

async function until(look, output) {
  for (let tries = 0; tries < 600; tries++) {
    // The program crashed, and its output has the reason.
    if (/^Node\.js v/m.test(output())) break;
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The server didn't respond within 60 seconds. ${output()}`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
