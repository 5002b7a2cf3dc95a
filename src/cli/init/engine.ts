import type { Project } from "../project/project.js";
import type { Answers } from "./answers.js";
import { connectedTo, type Connected } from "./clients.js";
import { Code } from "./code.js";
import { hashingBy } from "./hashing.js";

/** How the framework loads the file. */
export interface Loading {
  /** Whether the first request creates the engine: bundlers run every file at build time, without secrets. */
  readonly isLazy: boolean;
  /** Whether something else starts the worker. */
  readonly hasWorker?: boolean;
  /** What replaces `process.env`, and where it's imported from. */
  readonly environment?: { readonly name: string; readonly from: string };
  /** Options of the handlers, such as `trustProxy: 1`. */
  readonly options?: string;
}

/** The text of `password-reset.ts`: the engine on the application's database. */
export function engineFile(
  answers: Answers,
  project: Project,
  file: { readonly path: string; readonly isTypeScript: boolean },
  loading: Loading,
): string {
  const { environment } = loading;
  const code = new Code(file.isTypeScript, loading.isLazy, environment?.name);
  if (environment) code.import(environment.from, environment.name);
  code.import("resetkit", "passwordReset");
  const parts = partsOf(answers, project, code, file.path, loading.isLazy ? "" : "export ");
  const body = loading.isLazy ? lazy(code, parts, loading) : direct(code, parts, loading);
  return `${code.imports()}\n\n${body.join("\n")}\n`;
}

/** The parts that differ by database. */
interface Parts {
  readonly setUp: readonly string[];
  readonly options: readonly string[];
  /** What must be awaited before the first request. */
  readonly start: readonly string[];
  /** What the command line needs in addition to the engine. */
  readonly exports: readonly string[];
}

/** What the file exports for `resetkit.config.ts`. Empty if no command can use it. */
export function exportsFor({ client }: Answers): readonly string[] {
  if (client === "none") return [];
  return client === "mongodb" ? ["close", "reset", "store"] : ["close", "connection", "reset", "store"];
}

function partsOf(answers: Answers, project: Project, code: Code, file: string, exported: string): Parts {
  const { client, users, hasher } = answers;
  if (client === "none") {
    code.import("resetkit", "memoryStore").import("resetkit/users/memory", "memoryUsers");
    return {
      setUp: [],
      options: [
        "// Until you connect your users table (docs/users.md). Both are lost when the process ends.",
        'users: memoryUsers([{ id: 1, email: "ada@example.com" }]),',
        "store: memoryStore(),",
      ],
      start: [],
      exports: [],
    };
  }
  const hashing = hashingBy(hasher, code);
  const common = [
    `hashPassword${hashing.hashPassword === "hashPassword" ? "" : `: ${hashing.hashPassword}`},`,
    'sessions: "none", // or where your sessions are, so that a reset revokes them',
  ];
  const rules = hashing.isBcrypt ? validatorsForBcrypt(code) : [];
  if (client === "mongodb") {
    code.import("mongodb", "MongoClient").import("resetkit/stores/mongodb", "migrate", "mongodbStore");
    code.import("resetkit/users/mongodb", "mongodbUsers");
    return {
      setUp: [
        ...hashing.lines,
        ...(hashing.lines.length > 0 ? [""] : []),
        `const client = new MongoClient(${code.env("DATABASE_URL")});`,
        "const db = client.db();",
        `${exported}const store = mongodbStore(db);`,
      ],
      options: [
        `users: mongodbUsers(db.collection("${users.table}"), {`,
        `  identifier: "${users.identifier}", // check these names`,
        `  passwordHash: "${users.passwordHash === "password_hash" ? "passwordHash" : users.passwordHash}",`,
        ...common.map((line) => `  ${line}`),
        "}),",
        "store,",
        ...rules,
      ],
      start: ["await migrate(db);"],
      exports: closing("client.close()"),
    };
  }
  const connected = connectedTo(client, answers, project, code, file);
  code.import("resetkit/stores/sql", "migrate", "sqlStore").import("resetkit/users/sql", "sqlUsers");
  return {
    setUp: [
      ...hashing.lines,
      ...(hashing.lines.length > 0 ? [""] : []),
      ...connectionLines(connected, exported),
    ],
    options: [
      "users: sqlUsers(connection, {",
      `  table: "${users.table}", // check these names against your table`,
      ...(users.id === "id" ? [] : [`  id: "${users.id}",`]),
      `  identifier: "${users.identifier}",`,
      `  passwordHash: "${users.passwordHash}",`,
      ...common.map((line) => `  ${line}`),
      "}),",
      "store,",
      ...rules,
    ],
    start: [...(connected.start ? [connected.start] : []), "await migrate(connection);"],
    exports: closing(connected.end),
  };
}

function connectionLines({ lines, connection }: Connected, exported: string): string[] {
  return [
    ...lines,
    `${exported}const connection = ${connection};`,
    `${exported}const store = sqlStore(connection);`,
  ];
}

function closing(end: string): string[] {
  return [
    "",
    "/** Closes the connection, so that a command of `npx resetkit` can exit. */",
    `export const close = () => ${end};`,
  ];
}

function validatorsForBcrypt(code: Code): string[] {
  code.import("resetkit/validators/length", "length").import("resetkit/validators/common", "common");
  code.import("resetkit/validators/numeric", "numeric").import("resetkit/validators/similar", "similar");
  return [
    "// Bcrypt ignores everything after 72 bytes.",
    "validators: [length({ min: 8, maxBytes: 72 }), common(), numeric(), similar()],",
  ];
}

/** The options of every engine. */
function engine(code: Code, { options }: Parts): string[] {
  code.import("resetkit/delivery/console", "toConsole");
  return [
    ...options,
    `secret: ${code.env("RESET_SECRET")},`,
    "url: `${origin}/reset-password/{token}`,",
    "deliver: toConsole(), // in production: byEmail({ transport, from }) from resetkit/delivery/email",
    'throttles: "fair",',
  ];
}

function direct(code: Code, parts: Parts, { hasWorker = false }: Loading): string[] {
  code.import("resetkit/pages", "htmlPages");
  const start = [...parts.start, ...(hasWorker ? [] : ["void reset.work();"])];
  const promised = code.typed(": Promise<void>");
  return [
    originLine(code),
    ...(parts.setUp.length > 0 ? ["", ...parts.setUp] : []),
    "",
    "export const reset = passwordReset({",
    ...indented(engine(code, parts)),
    "});",
    "",
    "/** Serves /forgot-password and /reset-password. */",
    "export const pages = htmlPages(reset, { baseUrl: origin });",
    "",
    "/** Creates resetkit's own tables, and sends emails that an earlier process left in the queue. */",
    `export async function startPasswordReset()${promised} {`,
    ...indented(start),
    "}",
    ...parts.exports,
  ];
}

function lazy(code: Code, parts: Parts, { options = "" }: Loading): string[] {
  code.import("resetkit/http", "createHandler").import("resetkit/pages", "htmlPages");
  const more = options === "" ? "" : `, ${options}`;
  return [
    "// This file may be loaded more than once. All copies share one engine, which the first request creates.",
    `const shared = globalThis${code.typed(" as { passwordReset?: ReturnType<typeof create> }")};`,
    "",
    "export function passwordResets() {",
    "  return (shared.passwordReset ??= create());",
    "}",
    "",
    "/** Serves the API at /api/password_reset, and the pages /forgot-password and /reset-password. */",
    `export async function handlePasswordReset(request${code.typed(": Request")}, context${code.typed("?: { peer?: string }")})${code.typed(": Promise<Response>")} {`,
    "  const { api, pages, ready } = passwordResets();",
    "  await ready;",
    "  const { pathname } = new URL(request.url);",
    '  return pathname.startsWith("/api/password_reset") ? api(request, context) : pages(request, context);',
    "}",
    "",
    "function create() {",
    ...indented([
      originLine(code),
      ...parts.setUp,
      "const reset = passwordReset({",
      ...indented(engine(code, parts)),
      "});",
      `const api = createHandler(reset, { basePath: "/api/password_reset"${more} });`,
      `const pages = htmlPages(reset, { baseUrl: origin${more} });`,
      "return { reset, api, pages, ready: start() };",
      "",
      "/** Creates resetkit's own tables. If that fails, the next request tries again. */",
      `async function start()${code.typed(": Promise<void>")} {`,
      ...(parts.start.length === 0
        ? ["  void reset.work();"]
        : [
            "  try {",
            ...indented(indented([...parts.start, "void reset.work();"])),
            "  } catch (error) {",
            "    delete shared.passwordReset;",
            "    throw error;",
            "  }",
          ]),
      "}",
    ]),
    "}",
  ];
}

function originLine(code: Code): string {
  return `const origin = ${code.environment}.APP_URL ?? "http://localhost:3000";`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? line : `  ${line}`));
}
