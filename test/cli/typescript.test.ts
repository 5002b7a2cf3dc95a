import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { mkdtemp } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { configOf } from "./application.js";
import { resetkit, root } from "./command.js";

let folder: string;
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A project with these packages and no others, whose configuration imports `./engine.js`, which is `engine.ts`. */
async function projectWith(...packages: string[]): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "resetkit-ts-"));
  await mkdir(join(folder, "node_modules"));
  for (const name of ["resetkit", "better-sqlite3", ...packages]) {
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const typed = `${configOf()}\nexport enum Kind { Typed }\nexport const kind: Kind = Kind.Typed;`;
  await writeFile(join(folder, "engine.ts"), `// @ts-nocheck\n${typed}`);
  await writeFile(
    join(folder, "resetkit.config.ts"),
    'import type { Store } from "resetkit/types";\nexport { reset, connection, close } from "./engine.js";\nimport { store as made } from "./engine.js";\nexport const store: Store = made;',
  );
}

describe("a configuration in TypeScript", () => {
  it.each(["tsx", "jiti"])("is loaded with %s, if the project has it", async (loader) => {
    await projectWith(loader);
    expect(await resetkit(folder, "send", "ada@example.com")).toMatchObject({
      code: 0,
      out: "1 message was accepted.\n",
    });
  });

  it("names the loader to install if there is none", async () => {
    await projectWith();
    const { code, err } = await resetkit(folder, "tokens", "list");
    expect([code, err]).toEqual([2, expect.stringContaining("npm install --save-dev tsx")]);
  });
});
