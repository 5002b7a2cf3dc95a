import { symlink } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { run } from "../servers/debian.js";
import { installedBeside } from "../servers/installed.js";
import { packages } from "../servers/packages.js";
import { programOf } from "../servers/runtimes.js";

const types = await packages("runtime-types", {
  dependencies: {
    "@cloudflare/workers-types": "5.20261117.1",
    "@types/node": "24.10.1",
    "bun-types": "1.4.5",
  },
});

it.each([
  ["bun", "server.ts", "bun-types", ["nodemailer", "@types/nodemailer"]],
  ["workers", "worker.ts", "workers-types", ["hono"]],
])("the example for %s is good TypeScript, strictly", async (name, file, runtime, more) => {
  const folder = await installedBeside(`types-${name}`, `examples/${name}`, more);
  const program = ts.createProgram(
    [join(folder, file), ...ts.sys.readDirectory(folder, [".d.ts"], ["node_modules"])],
    {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2024.d.ts"],
      types: [runtime],
      typeRoots: [types, join(types, "@cloudflare")],
    },
  );
  const found = ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  expect(found).toEqual([]);
});

it("the example for Deno is good TypeScript to Deno itself", async () => {
  const folder = await installedBeside("types-deno", "examples/deno", ["nodemailer"]);
  await symlink(join(types, "@types"), join(folder, "node_modules/@types"));
  await run(await programOf("deno"), ["check", "--quiet", "server.ts"], { cwd: folder });
});
