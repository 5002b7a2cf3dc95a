import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/run.js";
import { freePort } from "../servers/shared.js";
import { root } from "./command.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-init-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Project {
  readonly packages?: readonly string[];
  readonly type?: "module" | "commonjs";
  readonly files?: Readonly<Record<string, string>>;
}

/** A folder such as a framework's starter makes, as far as `init` looks at it. */
async function project(
  name: string,
  { packages = [], type = "module", files = {} }: Project,
): Promise<string> {
  const made = join(folder, name);
  const dependencies = Object.fromEntries(packages.map((one) => [one, "*"]));
  const all = { "package.json": JSON.stringify({ type, dependencies }), ...files };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(made, path)), { recursive: true });
    await writeFile(join(made, path), text);
  }
  return made;
}

async function init(where: string, ...args: string[]) {
  let out = "";
  let err = "";
  const terminal = {
    out: (text: string) => void (out += `${text}\n`),
    err: (text: string) => void (err += text),
    progress: null,
    ask: null,
    folder: where,
  };
  const code = await run(["init", ...args], terminal);
  return { code, out, err };
}

async function planned(where: string) {
  const { code, out, err } = await init(where, "--yes", "--json");
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

const exists = (path: string) => stat(path).then(Boolean, () => false);

describe("npx resetkit init", () => {
  it.each([
    ["express", ["express", "pg"], "pg"],
    ["fastify", ["fastify", "mysql2"], "mysql2"],
    ["nestjs", ["@nestjs/core", "@nestjs/platform-express", "express", "typeorm", "pg"], "typeorm"],
    ["sveltekit", ["@sveltejs/kit", "drizzle-orm", "better-sqlite3"], "drizzle"],
    ["nextjs", ["next", "react", "@prisma/client"], "prisma"],
    ["hono", ["hono", "kysely"], "kysely"],
    ["nuxt", ["nuxt", "postgres"], "postgres"],
    ["react-router", ["@react-router/dev", "@react-router/node", "knex"], "knex"],
    ["koa", ["koa", "better-sqlite3"], "better-sqlite3"],
    ["koa", ["koa", "sequelize", "pg"], "sequelize"],
    ["koa", ["koa", "@mikro-orm/core", "@mikro-orm/postgresql", "knex"], "mikro-orm"],
    ["node", [], "none"],
  ])("finds %s, and how it reaches its database", async (framework, packages, client) => {
    const where = await project(`found-${framework}-${client}`, {
      packages,
      files: { "pnpm-lock.yaml": "" },
    });
    const { out } = await init(where, "--dry-run", "--json");
    expect(JSON.parse(out)).toMatchObject({
      answers: { framework, client, packageManager: "pnpm" },
      written: [],
    });
  });

  it("writes nothing on a dry run, and shows what it would write", async () => {
    const where = await project("dry", { packages: ["express", "pg"] });
    const { code, out } = await init(where, "--dry-run");
    expect(code).toBe(0);
    expect(out).toContain("sqlUsers(connection, {");
    expect(out).toContain("Nothing was written.");
    expect(await exists(join(where, "password-reset.js"))).toBe(false);
    expect(await exists(join(where, ".env"))).toBe(false);
  });

  it("names the variable that the engine reads, unless .env has it", async () => {
    const asks = "Add your database's DATABASE_URL to .env";
    const without = await project("url-missing", { packages: ["express", "pg"] });
    expect((await init(without, "--yes")).out).toContain(asks);
    const files = { ".env": "DATABASE_URL=postgres://127.0.0.1/app\n" };
    const having = await project("url-there", { packages: ["express", "pg"], files });
    expect((await init(having, "--yes")).out).not.toContain(asks);
  });

  it("leaves files and secrets that are there, and says so", async () => {
    const where = await project("kept", {
      packages: ["express"],
      files: { "password-reset.js": "// mine\n", ".env": "RESET_SECRET=mine" },
    });
    const { out } = await init(where, "--yes");
    expect(out).toContain("Left unchanged: password-reset.js.");
    expect(await readFile(join(where, "password-reset.js"), "utf8")).toBe("// mine\n");
    expect(await readFile(join(where, ".env"), "utf8")).toBe(
      "RESET_SECRET=mine\nAPP_URL=http://localhost:3000\n",
    );
  });

  it("makes a secret that is long, new each time, and not shown", async () => {
    const secrets = await Promise.all(
      ["one", "two"].map(async (name) => {
        const where = await project(`secret-${name}`, { packages: ["express"] });
        const { out } = await init(where, "--yes");
        const env = await readFile(join(where, ".env"), "utf8");
        const secret = /^RESET_SECRET=([\w-]{43})$/m.exec(env)![1]!;
        expect(out).not.toContain(secret);
        return secret;
      }),
    );
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  it("uses the client that the application exports, and the columns of its schema", async () => {
    const where = await project("own", {
      packages: ["express", "drizzle-orm", "pg", "typescript", "bcrypt"],
      files: {
        "src/index.ts": "",
        "src/db/client.ts": "export const database = drizzle(process.env.DATABASE_URL!);\n",
        "src/db/schema.ts": `export const users = pgTable("users", {
  userId: serial("user_id").primaryKey(),
  email: text("email_address").notNull(),
  passwordHash: text("pw_hash"),
});`,
      },
    });
    await planned(where);
    const text = await readFile(join(where, "src/password-reset.ts"), "utf8");
    expect(text).toContain('import { database } from "./db/client.js";');
    expect(text).toContain("export const connection = drizzle(database);");
    expect(text).toContain("export const close = () => database.$client.end();");
    expect(await readFile(join(where, "resetkit.config.ts"), "utf8")).toBe(
      'export { close, connection, reset, store } from "./src/password-reset.js";\n',
    );
    expect(text).toContain('id: "user_id"');
    expect(text).toContain('identifier: "email_address"');
    expect(text).toContain('passwordHash: "pw_hash"');
    expect(text).toContain("maxBytes: 72");
  });

  it("uses MikroORM's driver and instance that the application has", async () => {
    const packages = ["express", "@mikro-orm/core", "@mikro-orm/mariadb"];
    const driver = await project("mikro-orm-driver", { packages });
    await planned(driver);
    const made = await readFile(join(driver, "password-reset.js"), "utf8");
    expect(made).toContain('import { MikroORM } from "@mikro-orm/mariadb";');
    expect(made).toContain("// If your app already has a MikroORM instance, import that one instead.");
    const own = await project("mikro-orm-own", {
      packages,
      files: { "src/db.js": "export const orm = await MikroORM.init(config);\n" },
    });
    await planned(own);
    const text = await readFile(join(own, "src/password-reset.js"), "utf8");
    expect(text).toContain('import { orm } from "./db.js";');
    expect(text).toContain("export const connection = mikroOrm(orm);");
    expect(text).toContain("export const close = () => orm.close();");
  });

  it("writes for CommonJS what a CommonJS application can require", async () => {
    const where = await project("commonjs", {
      packages: ["express"],
      type: "commonjs",
      files: { "app.js": "" },
    });
    const { plan, written } = await planned(where);
    expect(written).toEqual(["password-reset.mjs", ".env"]);
    expect(plan.lines[0]).toMatchObject({ file: "app.js" });
    await writeFile(join(where, "app.js"), appOf(plan.lines[0], 'const app = require("express")();'));
    await expect(load(join(where, "app.js"))).resolves.toBeDefined();
  });

  it("writes a server that runs, for an application without a framework", async () => {
    const where = await project("server", {});
    await planned(where);
    const port = await freePort();
    const args = ["--env-file=.env", "password-reset-server.js"];
    const child = spawn(process.execPath, args, { cwd: where, env: { ...process.env, PORT: String(port) } });
    let out = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (out += chunk));
    try {
      const site = `http://127.0.0.1:${port}`;
      await expect
        .poll(() =>
          fetch(`${site}/forgot-password`).then(
            (one) => one.status,
            () => 0,
          ),
        )
        .toBe(200);
      const headers = { "content-type": "application/json" };
      const body = '{"email":"ada@example.com"}';
      expect((await fetch(`${site}/api/password_reset/`, { method: "POST", headers, body })).status).toBe(
        200,
      );
      await expect.poll(() => out).toMatch(/^http:\/\/localhost:3000\/reset-password\/[\w-]{43}$/m);
    } finally {
      child.kill();
    }
  });

  it("writes TypeScript that compiles, for each framework and client", async () => {
    const roots: string[] = [];
    for (const [framework, app] of Object.entries(apps)) {
      for (const client of app.clients) {
        const where = await project(`typed-${framework}-${client}`, {
          files: { "tsconfig.json": "{}", ...app.files },
        });
        const { out, code } = await init(
          where,
          "--yes",
          "--json",
          "--framework",
          framework,
          "--database",
          client,
        );
        expect(code).toBe(0);
        const { plan, written } = JSON.parse(out);
        for (const [index, lines] of plan.lines.entries()) {
          const file = join(where, dirname(lines.file), `mounted-${index}.ts`);
          await writeFile(file, appOf(lines, ...app.heads[index]!));
          roots.push(file);
        }
        roots.push(...written.filter((one: string) => one !== ".env").map((one: string) => join(where, one)));
      }
    }
    const shims = join(folder, "shims.d.ts");
    await writeFile(shims, declarations);
    expect(problemsIn([...roots, shims])).toEqual([]);
    // The control: a name that isn't there.
    const bad = join(folder, "typed-express-pg/bad.ts");
    await writeFile(bad, 'import { pagez } from "./password-reset.js";\nexport { pagez };\n');
    expect(problemsIn([bad])).toEqual([expect.stringContaining("pagez")]);
    // The compiler reads a dozen drivers: seconds alone, and a minute beside other work.
  }, 300_000);
});

/** The lines in a file with what stands around them in an application. */
function appOf({ imports, code }: { imports: string[]; code: string[] }, before: string, after = ""): string {
  return [...imports, before, ...code, after].join("\n");
}

function load(file: string): Promise<unknown> {
  process.env["RESET_SECRET"] ??= "a secret of the tests: 0123456789 abcdefghijklmnopqrstuvwxyz";
  return Promise.resolve(createRequire(import.meta.url)(file));
}

interface App {
  readonly clients: readonly string[];
  /** What stands before and after each of the lines. */
  readonly heads: readonly (readonly [string, string?])[];
  readonly files?: Readonly<Record<string, string>>;
}

const apps: Readonly<Record<string, App>> = {
  express: {
    clients: [
      ...["pg", "postgres", "mysql2", "better-sqlite3", "none"],
      ...["knex", "kysely", "typeorm", "sequelize", "mikro-orm", "drizzle"],
    ],
    heads: [['import express from "express";\nconst app = express();']],
  },
  koa: { clients: ["pg"], heads: [['import Koa from "koa";\nconst app = new Koa();']] },
  fastify: { clients: ["pg"], heads: [['import fastify from "fastify";\nconst app = fastify();']] },
  hono: { clients: ["pg"], heads: [['import { Hono } from "hono";\nconst app = new Hono();']] },
  nestjs: {
    clients: ["typeorm"],
    heads: [
      ['import { Module } from "@nestjs/common";\nModule({ imports: [', "] });"],
      ['import { NestFactory } from "@nestjs/core";\nconst app = await NestFactory.create(class {});'],
    ],
  },
  node: { clients: ["pg"], heads: [] },
  nextjs: { clients: ["prisma", "drizzle"], heads: [] },
  sveltekit: {
    clients: ["pg"],
    heads: [],
    files: Object.fromEntries(
      ["api/password_reset", "forgot-password", "reset-password"].map((path) => [
        `src/routes/${path}/[...path]/$types.d.ts`,
        "export type RequestHandler = (event: { request: Request; getClientAddress(): string }) => Promise<Response>;",
      ]),
    ),
  },
  nuxt: { clients: ["pg"], heads: [] },
  "react-router": { clients: ["pg"], heads: [["export const routes = [", "];"]] },
};

/** Packages that are too large to be ours: `npm run test:starters` has the real ones. */
const declarations = `
declare module "$env/dynamic/private" { export const env: Record<string, string | undefined>; }
declare module "@prisma/client" { export const PrismaClient: new (...options: any[]) => any; }
declare module "h3" {
  import type { IncomingMessage, ServerResponse } from "node:http";
  export function fromNodeMiddleware(
    handler: (request: IncomingMessage, response: ServerResponse, next: (error?: Error) => void) => any,
  ): unknown;
}
declare module "@react-router/dev/routes" { export function route(path: string, file: string, options: object): object; }
`;

function problemsIn(files: readonly string[]): string[] {
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    skipLibCheck: true,
    noEmit: true,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
}
