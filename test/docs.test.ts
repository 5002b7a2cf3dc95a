import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { engines } from "./servers/engines.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Pages whose examples are compiled, and what their examples take for given. */
const pages = {
  "docs/admin.md": `declare const reset: import("resetkit").PasswordReset; declare const app: import("express").Express;
    declare const audit: { write(action: string, details: object): void };`,
  "docs/client.md": "declare function show(text: string): void;",
  "docs/frameworks.md": `declare const reset: import("resetkit").PasswordReset;`,
  "docs/locales.md": `declare const reset: import("resetkit").PasswordReset;
    declare const transport: import("resetkit/delivery/mail").MailTransport;`,
  "docs/mail.md": `declare const transport: import("resetkit/delivery/mail").MailTransport;`,
  "docs/moving-from.md": `import { laravelUsers } from "../examples/moving/laravel.js";
    declare const connection: import("resetkit/types").SqlConnection; declare const deliver: () => void;
    declare const bcrypt: (password: string) => Promise<string>;`,
  "docs/pages.md": `declare const reset: import("resetkit/types").PasswordReset; declare const app: import("express").Express;`,
  "docs/sessions.md": `declare const pool: import("pg").Pool; declare const key: Uint8Array; declare const secret: string;
    interface User { id: number; password_hash: string | null; credential_version: number }`,
  "docs/stores.md": `import type { PoolClient } from "pg"; declare const redis: import("ioredis").Redis;`,
  "docs/telemetry.md": `declare const reset: import("resetkit").PasswordReset; declare const app: import("express").Express;`,
  "docs/testing.md": `declare const users: import("resetkit").Users<{ id: number; email: string }>;`,
  "docs/users.md": `declare const auth: import("resetkit/users/better-auth").BetterAuth;
    declare const connection: import("resetkit/types").SqlConnection;
    declare const options: import("resetkit/users/sql").SqlUsersOptions;
    declare const db: import("drizzle-orm/node-postgres").NodePgDatabase;
    declare const usersTable: typeof import("../examples/drizzle/password-reset.js").users;
    declare const sessionsTable: typeof import("../examples/drizzle/password-reset.js").sessions;
    declare const client: import("resetkit/connections/prisma").PrismaClient &
      Record<"user" | "session", import("resetkit/users/prisma").PrismaDelegate>;
    declare const sessions: { endAll(id: number): Promise<void> };`,
  "docs/validators.md": "",
};

/** The TypeScript blocks of a page, each as a module; what a block declares itself is not given to it. */
function examplesOf(page: string, given: string): Map<string, string> {
  const text = readFileSync(join(root, page), "utf8");
  const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!);
  return new Map(
    blocks.map((block, index) => {
      const prelude = /const transport\b/.test(block) ? "" : given;
      return [join(root, `docs/example-${index + 1}.ts`), `export {};${prelude}\n${block}`];
    }),
  );
}

/** The libraries' declarations are read once: they're the same for each page, and take most of the time. */
const parsed = new Map<string, ts.SourceFile | undefined>();

function mistakesIn(sources: Map<string, string>, paths: Record<string, string[]> = {}): string[] {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path))
    .config as object;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = sources.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, target);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, target, ...rest));
    return parsed.get(path);
  };
  const unused = { noUnusedLocals: false, noUnusedParameters: false, noEmit: true };
  const program = ts.createProgram(
    [...sources.keys()],
    { ...options, ...unused, paths: { ...options.paths, ...paths } },
    host,
  );
  return [...sources.keys()]
    .flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)))
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
}

describe("the examples of the documentation", () => {
  it("docs/queues.md compile, with the engines' own types", async () => {
    const modules = await engines();
    const paths = {
      bullmq: [join(modules, "bullmq/dist/esm/index.d.ts")],
      "pg-boss": [join(modules, "pg-boss/types.d.ts")],
    };
    const examples = examplesOf("docs/queues.md", "");
    expect(examples.size).toBeGreaterThan(2);
    expect(mistakesIn(examples, paths)).toEqual([]);
  });

  it.each(Object.entries(pages))("%s compile", (page, given) => {
    const examples = examplesOf(page, given);
    expect(examples.size).toBeGreaterThan(0);
    expect(mistakesIn(examples)).toEqual([]);
  });

  it("would not compile with a mistake in them", () => {
    const source = `import { length } from "resetkit/validators/length"; length({ minimum: 8 });`;
    expect(mistakesIn(new Map([[join(root, "docs/example-0.ts"), source]]))).toHaveLength(1);
  });
});
