import { verify } from "@node-rs/argon2";
import { cp, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPeople, type People } from "./examples/people.js";
import { goodPassword, secret } from "./kit.js";
import { root } from "./package/packed.js";
import { browse, site } from "./pages/browse.js";
import { makeProject, type App, type Project } from "./project.js";
import { postgres } from "./servers/postgres.js";
import { prismaExample } from "./servers/prisma.js";
import { startSmtp, type SmtpFake } from "./servers/smtp.js";
import { doTheWholeJob } from "./whole-job.js";
import { sampleOf } from "./sample.js";

/** The TypeScript blocks of a page. */
async function blocksOf(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), "utf8");
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!);
}

const [quickStart, pg, prisma, drizzle, server, ...others] = (await blocksOf("README.md")) as [
  ...[string, string, string, string, string],
];

/** The lines that docs/frameworks.md has for a framework. */
async function linesFor(adapter: string): Promise<string> {
  const blocks = await blocksOf("docs/frameworks.md");
  return blocks.find((block) => block.includes(`"resetkit/adapters/${adapter}"`))!;
}

/** The README's server without its Express, as the module that exports `reset`. */
function resetModule(): string {
  const rest = server
    .replace(/^import .* from "(express|resetkit\/adapters\/express)";\n/gm, "")
    .replace(/^express\(\)\..*\n/m, "");
  return rest.replace("const reset =", "export const reset =");
}

/** A framework's own starter, and which lines go into which file. TypeScript 6 needs their `rootDir`. */
interface Starter {
  readonly packages: readonly string[];
  readonly tsconfig: object;
  /** The files of `src`, with what is pasted. */
  sources(): Promise<Readonly<Record<string, string>>>;
  /** What `npm start` runs. */
  readonly main: string;
}

const needed = ["pg", "nodemailer", "@node-rs"];
const onPort = (code: string) =>
  code
    .replace(/"([^"]*localhost:)3000([^"]*)"/g, "`$1${process.env.PORT}$2`")
    .replace("listen(3000)", "listen(Number(process.env.PORT))");

const starters: Readonly<Record<string, Starter>> = {
  // Express has no starter for TypeScript: this is what `tsc --init` writes for Node.
  Express: {
    packages: [...needed, "express"],
    tsconfig: {
      compilerOptions: {
        ...{ rootDir: "./src", outDir: "./dist", module: "nodenext", target: "esnext", types: ["node"] },
        ...{ sourceMap: true, declaration: true, noUncheckedIndexedAccess: true, strict: true },
        ...{ exactOptionalPropertyTypes: true, verbatimModuleSyntax: true, isolatedModules: true },
        ...{ noUncheckedSideEffectImports: true, moduleDetection: "force", skipLibCheck: true },
      },
    },
    sources: async () => ({ "index.ts": onPort(server) }),
    main: "dist/index.js",
  },
  // `npm create fastify -- --lang=ts`: tsconfig.json extends fastify-tsconfig, whose options these are.
  Fastify: {
    packages: [...needed, "fastify"],
    tsconfig: {
      compilerOptions: {
        ...{ target: "ES2023", lib: ["ES2023"], module: "NodeNext", moduleResolution: "NodeNext" },
        ...{ moduleDetection: "force", esModuleInterop: true, strict: true, skipLibCheck: true },
        ...{ isolatedModules: true, noUnusedLocals: true, noFallthroughCasesInSwitch: true },
        ...{ noEmitOnError: true, removeComments: true, sourceMap: true, newLine: "lf" },
        ...{ useDefineForClassFields: false, rootDir: "src", outDir: "dist", types: ["node"] },
      },
      include: ["src/**/*.ts"],
    },
    async sources() {
      const start = `\nawait app.listen({ port: Number(process.env.PORT) });\n`;
      return {
        "reset.ts": resetModule(),
        "app.ts": `import { reset } from "./reset.js";\n${await linesFor("fastify")}${start}`,
      };
    },
    main: "dist/app.js",
  },
  // `npm create hono@latest`, template nodejs.
  Hono: {
    packages: [...needed, "hono", "@hono/node-server"],
    tsconfig: {
      compilerOptions: {
        ...{ target: "ESNext", module: "NodeNext", strict: true, verbatimModuleSyntax: true },
        ...{ skipLibCheck: true, types: ["node"], rootDir: "./src", outDir: "./dist" },
        ...{ jsx: "react-jsx", jsxImportSource: "hono/jsx" },
      },
      exclude: ["node_modules"],
    },
    async sources() {
      const start = `\nserve({ fetch: app.fetch, port: Number(process.env.PORT) });\n`;
      const imports = `import { serve } from "@hono/node-server";\nimport { reset } from "./reset.js";\n`;
      return {
        "reset.ts": resetModule(),
        "index.ts": imports + (await linesFor("hono")) + start,
      };
    },
    main: "dist/index.js",
  },
};

/** What a reader with that database client has already: `db.ts`, and packages. */
interface Client {
  readonly accounts: string;
  readonly db?: string;
  readonly packages?: readonly string[];
  prepare?(project: Project): Promise<unknown>;
}

const clients: Readonly<Record<string, Client>> = {
  pg: { accounts: pg },
  Prisma: {
    accounts: prisma,
    db: `import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client.js";
export type { User } from "./generated/client.js";
export const client = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env["DATABASE_URL"]! }),
});
`,
    async prepare({ folder }) {
      const example = await prismaExample();
      await cp(join(example, "generated"), join(folder, "src/generated"), { recursive: true });
      await symlink(join(example, "node_modules/@prisma"), join(folder, "node_modules/@prisma"));
    },
  },
  Drizzle: {
    accounts: drizzle,
    packages: ["drizzle-orm"],
    db: `import { drizzle } from "drizzle-orm/node-postgres";
import { integer, pgTable, serial, text } from "drizzle-orm/pg-core";
export const users = pgTable("users", {
  id: serial("id").primaryKey(),
  email: text("email").notNull(),
  passwordHash: text("password_hash"),
});
export const sessions = pgTable("sessions", {
  cookieHash: text("cookie_hash").primaryKey(),
  userId: integer("user_id").notNull(),
});
export const db = drizzle(process.env["DATABASE_URL"]!);
`,
  },
};

const combinations = [
  ["Express", "pg"],
  ["Fastify", "pg"],
  ["Express", "Prisma"],
  ["Express", "Drizzle"],
  ["Hono", "pg"],
] as const;

describe.each(sampleOf(combinations, 2))("a new user with %s and %s", (framework, database) => {
  const starter = starters[framework]!;
  const client = clients[database]!;
  let project: Project;
  let people: People;
  let smtp: SmtpFake;
  let app: App;
  let url: string;

  beforeAll(async () => {
    smtp = await startSmtp();
    url = await postgres();
    people = await createPeople(url);
    const { main, packages, tsconfig } = starter;
    const sources = { ...(await starter.sources()), "accounts.ts": client.accounts };
    const files = {
      "package.json": JSON.stringify({ name: "app", type: "module", scripts: { start: `node ${main}` } }),
      "tsconfig.json": JSON.stringify(tsconfig),
      ...(client.db && { "src/db.ts": client.db }),
      ...Object.fromEntries(Object.entries(sources).map(([name, text]) => [`src/${name}`, text])),
    };
    project = await makeProject(files, [...packages, ...(client.packages ?? [])]);
    await client.prepare?.(project);
  }, 120_000);

  afterAll(async () => {
    await project?.remove();
    await people?.db.end();
    await smtp?.close();
  });

  it("pastes our lines into the starter, which compiles as it is set up, and starts", async () => {
    expect(await project.compile()).toBe("");
    const environment = { RESET_SECRET: secret, SMTP_URL: smtp.url, DATABASE_URL: url };
    app = await project.start(starter.main, environment);
  }, 60_000);

  it("has a password reset, which ends the sessions of that account", async () => {
    await doTheWholeJob(app, smtp);
    expect(smtp.mails[0]!.parsed.text).toMatch(/^https:\/\/example\.com\/reset\/[\w-]{43}$/m);
    expect(await verify(await people.hashOf(1), goodPassword)).toBe(true);
    expect(await people.sessions()).toEqual(["g1"]);
  });
});

describe("the README's quick start", () => {
  let project: Project;

  beforeAll(async () => {
    const compilerOptions = {
      module: "nodenext",
      target: "esnext",
      types: ["node"],
      strict: true,
      skipLibCheck: true,
    };
    project = await makeProject(
      {
        "package.json": "{}",
        "tsconfig.json": JSON.stringify({ compilerOptions: { ...compilerOptions, noEmit: true } }),
        "reset.mts": quickStart,
        "reset.mjs": onPort(quickStart),
      },
      [],
    );
  });

  afterAll(() => project?.remove());

  it("compiles", async () => {
    expect(await project.compile()).toBe("");
  }, 60_000);

  it("prints a link as shown, and the link opens a page that sets the password", async () => {
    const app = await project.start("reset.mjs", {});
    await expect.poll(() => app.output()).toContain("reset-password/");
    const shown = /console\n\$ node reset\.mjs\n([\s\S]*?)```/.exec(
      await readFile(join(root, "README.md"), "utf8"),
    )![1]!;
    const [line, link] = shown.trim().split("\n");
    const pattern = (text: string) =>
      text.replace(/[()[\].]/g, "\\$&").replace(/\d{4}-[\d-]+ [\d:]+/, "[\\d: -]+");
    const printed = new RegExp(`${pattern(line!)}\\n(\\S+)`).exec(app.output())!;
    expect(printed[1]).toHaveLength(link!.length + app.url.length - "http://127.0.0.1:3000".length);

    const visit = browse(
      Object.assign(
        async ({ url, method, headers, body }: Request) =>
          fetch(url.replace(site, app.url), {
            method,
            headers,
            body,
            redirect: "manual",
            duplex: "half",
          } as RequestInit),
        { plain: async () => null },
      ),
    );
    const form = await visit.open(printed[1]!);
    expect(form.page.querySelector("h1")!.text).toBe("Choose a new password");
    const done = await visit.submit(form, { password: goodPassword, repeat: goodPassword });
    expect([done.status, done.location]).toEqual([303, "/reset-password/done"]);
  }, 30_000);

  it("has as many lines as fit on a screen, and every block of the page is tried here", () => {
    expect(quickStart.trim().split("\n").length).toBeLessThan(30);
    expect(others).toEqual([]);
  });
});
