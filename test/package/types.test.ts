import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleOf } from "../sample.js";
import { run } from "../servers/debian.js";
import { packages } from "../servers/packages.js";
import { entriesOf, installInto, packed, root } from "./packed.js";

/** The first that knows `moduleResolution: "bundler"`. */
const oldest = "5.0.4";

let project: string;
let compilers: Readonly<Record<"oldest" | "ours", string>>;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "resetkit-types-"));
  await installInto(project, "@types", "undici-types", "@nestjs", "@opentelemetry", "prom-client");
  const names = [...entriesOf((await packed()).folder).keys()];
  const lines = names.map((name, index) => `import * as entry${index} from "${name}";`);
  const list = names.map((_name, index) => `entry${index}`).join(", ");
  const all = `${lines.join("\n")}\nexport const all = [${list}];\n`;
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await writeFile(join(project, "all.ts"), all);
  await writeFile(join(project, "all.cts"), all);
  await writeFile(join(project, "use.ts"), use);
  await writeFile(join(project, "portable.ts"), portable);
  compilers = {
    oldest: join(
      await packages("typescript", { dependencies: { typescript: oldest } }),
      "typescript/lib/tsc.js",
    ),
    ours: join(root, "node_modules/typescript/lib/tsc.js"),
  };
});

afterAll(() => rm(project, { recursive: true, force: true }));

/** What an application would write: options that are wrong must be found, and right ones must be taken. */
const use = `
import { passwordReset, type PasswordReset } from "resetkit";
import { resetMiddleware } from "resetkit/adapters/express";
import { createClient } from "resetkit/client";
import { memoryStore } from "resetkit/stores/memory";

const reset: PasswordReset<{ id: number; email: string; hash: string }> = passwordReset({
  users: {
    findByIdentifier: () => null,
    findById: () => undefined,
    stateOf: (user: { id: number; email: string; hash: string }) => [user.hash],
    setPassword: () => true,
    revokeSessions: "none",
  },
  secret: "for tests only: 0123456789 abcdefghijklmnop",
  store: memoryStore(),
  url: "https://app.example.com/reset/{token}",
  deliver: async (message) => void (message.kind === "reset" && message.token.length),
});
resetMiddleware(reset, { trustProxy: 1 });
// @ts-expect-error -- no such option
resetMiddleware(reset, { trustedProxy: 1 });
// @ts-expect-error -- a store is no text
passwordReset({ store: "memory" });

const outcome = await createClient({ baseUrl: "/r" }).confirm({ token: "t", password: "p" });
if (!outcome.ok && outcome.code === "weak_password") outcome.problems.map((problem) => problem.length);
// @ts-expect-error -- only a weak password has problems
if (!outcome.ok && outcome.code === "throttled") outcome.problems;
`;

/** What a Worker, or a page, imports. Neither has Node's types. */
const portable = `
export { passwordReset } from "resetkit";
export { createHandler } from "resetkit/http";
export { createClient } from "resetkit/client";
export { signedTokens } from "resetkit/tokens/signed";
export { htmlPages } from "resetkit/pages";
export { httpMailer } from "resetkit/delivery/http-mailer";
export { d1 } from "resetkit/connections/d1";
`;

/** What a compiler says of some files, with the checks of libraries that are skipped by default, but not here. */
async function mistakes(
  compiler: "oldest" | "ours",
  files: readonly string[],
  options: readonly string[],
): Promise<string> {
  // With the names of the browser, and without.
  const lib = compiler === "oldest" ? "es2022,dom" : "es2022";
  const strict = ["--noEmit", "--lib", lib, "--strict", "--skipLibCheck", "false", "--target", "es2022"];
  return run(process.execPath, [compilers[compiler], ...files, ...strict, ...options], { cwd: project }).then(
    () => "",
    ({ stdout, stderr }) => stdout + stderr,
  );
}

const under = (module: string, resolution: string) => ["--module", module, "--moduleResolution", resolution];
const node = ["--types", "node"];

const strictest = [
  "--exactOptionalPropertyTypes",
  "--noUncheckedIndexedAccess",
  "--isolatedModules",
  "--verbatimModuleSyntax",
];

describe("the types of every entry", () => {
  const compilations = [
    ["oldest", [...under("nodenext", "nodenext"), ...strictest]],
    ["ours", under("esnext", "bundler")],
    ["oldest", under("esnext", "bundler")],
    ["ours", under("node16", "node16")],
  ] as const;

  it.each(sampleOf(compilations, 2))(
    "resolve, hold together and are of use with the %s TypeScript, %j",
    async (compiler, options) => {
      expect(await mistakes(compiler, ["all.ts", "use.ts"], [...options, ...node])).toBe("");
    },
    120_000,
  );

  it("find the three mistakes of an application (control)", async () => {
    await writeFile(join(project, "wrong.ts"), use.replaceAll("@ts-expect-error", ""));
    const options = [...under("esnext", "bundler"), ...node];
    expect((await mistakes("oldest", ["wrong.ts"], options)).match(/error TS/g)).toHaveLength(3);
  }, 120_000);

  it("are read by CommonJS, too, where TypeScript knows that Node can", async () => {
    expect(await mistakes("ours", ["all.cts"], [...under("nodenext", "nodenext"), ...node])).toBe("");
  }, 120_000);

  it("want no types of Node where Node is not: in Workers and in pages", async () => {
    for (const lib of ["es2022,dom", "es2022,webworker"]) {
      await writeFile(
        join(project, "tsconfig.json"),
        JSON.stringify({
          compilerOptions: {
            ...{ noEmit: true, strict: true, skipLibCheck: false, target: "es2022" },
            ...{ module: "esnext", moduleResolution: "bundler", types: [], lib: lib.split(",") },
          },
          files: ["portable.ts"],
        }),
      );
      const said = await run(process.execPath, [compilers.oldest, "-p", "tsconfig.json"], {
        cwd: project,
      }).then(
        () => "",
        ({ stdout }) => stdout,
      );
      expect(said, lib).toBe("");
    }
  }, 120_000);
});
