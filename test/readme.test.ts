import Database from "better-sqlite3";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { secret } from "./kit.js";
import { root } from "./package/packed.js";
import { makeProject, type App, type Project } from "./project.js";
import { startSmtp, type SmtpFake } from "./servers/smtp.js";
import { doTheWholeJob } from "./whole-job.js";

/** The TypeScript blocks of a page. */
async function blocksOf(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), "utf8");
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!);
}

const quickStart = async () => (await blocksOf("README.md"))[0]!;

/** The lines that docs/frameworks.md has for a framework. */
async function linesFor(adapter: string): Promise<string> {
  const blocks = await blocksOf("docs/frameworks.md");
  return blocks.find((block) => block.includes(`"resetkit/adapters/${adapter}"`))!;
}

/** The README's lines without its Express, as the module that gives `reset`. */
async function resetModule(): Promise<string> {
  const code = await quickStart();
  const rest = code
    .replace(/^import .* from "(express|resetkit\/adapters\/express)";\n/gm, "")
    .replace(/^const app = express\(\);\n(app\..*\n)+/m, "");
  return rest.replace("const reset =", "export const reset =");
}

/** A framework's own starter, and what a reader puts where. TypeScript 6 wants their `rootDir` said. */
interface Starter {
  readonly packages: readonly string[];
  readonly tsconfig: object;
  /** The files of `src`, with what is pasted. */
  sources(): Promise<Readonly<Record<string, string>>>;
  /** What `npm start` runs. */
  readonly main: string;
}

const needed = ["better-sqlite3", "nodemailer", "@node-rs"];
const onPort = (code: string) => code.replace(/\b3000\b/, "Number(process.env.PORT)");

const starters: Readonly<Record<string, Starter>> = {
  // Express has no starter for TypeScript: what `tsc --init` writes for Node.
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
    sources: async () => ({ "index.ts": onPort(await quickStart()) }),
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
        "reset.ts": await resetModule(),
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
        "reset.ts": await resetModule(),
        "index.ts": imports + (await linesFor("hono")) + start,
      };
    },
    main: "dist/index.js",
  },
};

describe.each(Object.entries(starters))("a stranger with %s", (_name, starter) => {
  let project: Project;
  let smtp: SmtpFake;
  let app: App;

  beforeAll(async () => {
    smtp = await startSmtp();
    const { main, packages, tsconfig } = starter;
    const sources = Object.entries(await starter.sources());
    const files = {
      "package.json": JSON.stringify({ name: "app", type: "module", scripts: { start: `node ${main}` } }),
      "tsconfig.json": JSON.stringify(tsconfig),
      ...Object.fromEntries(sources.map(([name, text]) => [`src/${name}`, text])),
    };
    project = await makeProject(files, packages);
    // The reader's own table.
    const db = new Database(join(project.folder, "app.db"));
    db.exec("create table users (id integer primary key, email text, password_hash text)");
    db.exec("insert into users (email, password_hash) values ('ada@example.com', 'old')");
    db.close();
  });

  afterAll(async () => {
    await project?.remove();
    await smtp?.close();
  });

  it("pastes our lines into the starter, which compiles as it is set up, and starts", async () => {
    expect(await project.compile()).toBe("");
    app = await project.start(starter.main, { RESET_SECRET: secret, SMTP_URL: smtp.url });
  }, 60_000);

  it("has a password reset", async () => {
    await doTheWholeJob(app, smtp);
    const db = new Database(join(project.folder, "app.db"), { readonly: true });
    const { password_hash } = db.prepare("select password_hash from users").get() as {
      password_hash: string;
    };
    db.close();
    expect(password_hash).toMatch(/^\$argon2id\$/);
  });
});

describe("the README's quick start", () => {
  it("mounts in under 30 lines, imports aside", async () => {
    const lines = (await quickStart())
      .split("\n")
      .filter((line) => line.trim() !== "" && !line.startsWith("import "));
    expect(lines.length).toBeLessThan(30);
  });
});
