import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { SourceMap, type SourceMapping } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../servers/debian.js";
import { entriesOf, installInto, packed } from "./packed.js";

let project: string;
let entries: readonly string[];

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "resetkit-imports-"));
  await installInto(project, "@nestjs");
  entries = [...entriesOf((await packed()).folder).keys()];
});

afterAll(() => rm(project, { recursive: true, force: true }));

/** What a program in the project prints. A warning on standard error is a failure. */
async function printed(name: string, code: string): Promise<string> {
  await writeFile(join(project, name), code);
  const { stdout, stderr } = await run(process.execPath, [name], { cwd: project });
  expect(stderr).toBe("");
  return stdout;
}

describe("every entry", () => {
  it.each([
    ["imported by an ES module", "all.mjs", "await import"],
    ["required by CommonJS", "all.cjs", "require"],
  ])("is %s, without a warning", async (_how, file, load) => {
    const code = `
      for (const name of ${JSON.stringify(entries)}) console.log(name, Object.keys(${load}(name)).length);
      console.log(typeof ${load === "require" ? 'require("resetkit")' : '(await import("resetkit"))'}.passwordReset);`;
    const lines = (await printed(file, code)).trim().split("\n");
    expect(lines).toHaveLength(entries.length + 1);
    expect(lines.at(-1)).toBe("function");
    // Types alone leave no value behind.
    expect(lines.filter((line) => line.endsWith(" 0"))).toEqual(["resetkit/types 0"]);
  });

  it("has no side effects when it is imported, as package.json says", async () => {
    await writeFile(join(project, "effect.mjs"), "Array.prototype.mine = 1; process.on('exit', () => {});");
    // Nest's packages have effects, and whoever imports its adapter has them already.
    const ours = entries.filter((name) => name !== "resetkit/adapters/nestjs");
    const own = await printed("effects.mjs", effectsOf(ours));
    expect(JSON.parse(own)).toEqual([]);
    // The control: a module that has two.
    const planted = await printed("planted.mjs", effectsOf([...ours, "./effect.mjs"]));
    expect(JSON.parse(planted).sort()).toEqual(["./effect.mjs: Array.prototype", "./effect.mjs: listeners"]);
  });
});

/** A program that imports one after the other, and prints after which of them the world is not as before. */
function effectsOf(names: readonly string[]): string {
  return `
    const builtIns = [Object, Array, String, Number, Function, Promise, Map, Set, RegExp, Date, Error, Uint8Array,
      Request, Response, Headers, URL, crypto.constructor];
    const describe = (it) => Object.entries(Object.getOwnPropertyDescriptors(it)).map(([key, { value, get }]) => {
      const it = value ?? get;
      return [key, typeof it, typeof it === "object" ? "" : String(it).slice(0, 200)];
    });
    const look = () => ({
      globals: JSON.stringify(Object.keys(Object.getOwnPropertyDescriptors(globalThis)).sort()),
      environment: JSON.stringify(process.env),
      listeners: JSON.stringify(process.eventNames().map((name) => [String(name), process.listenerCount(name)])),
      handles: JSON.stringify(process.getActiveResourcesInfo().filter((name) => name === "Timeout" || /Wrap$/.test(name))),
      ...Object.fromEntries(builtIns.flatMap((it) => [
        [it.name, JSON.stringify(describe(it))], [it.name + ".prototype", JSON.stringify(describe(it.prototype ?? {}))],
      ])),
    });
    const found = [];
    for (const name of ${JSON.stringify(names)}) {
      const before = look();
      await import(name);
      const after = look();
      found.push(...Object.keys(after).filter((what) => after[what] !== before[what]).map((what) => name + ": " + what));
    }
    console.log(JSON.stringify(found));`;
}

/** The sources of the package that the bundle of a program has something of, or loads later. */
async function bundled(code: string): Promise<string[]> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: project },
    bundle: true,
    write: false,
    outfile: "bundle.js",
    sourcemap: "external",
    format: "esm",
    platform: "node",
    external: ["@nestjs/common", "@zxcvbn-ts/*"],
    absWorkingDir: project,
  });
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text;
  const map = new SourceMap(JSON.parse(textOf(".map")));
  const found = new Set<string>();
  for (const [row, line] of textOf(".js").split("\n").entries()) {
    for (const { index } of line.matchAll(/\w+/g)) {
      const { originalSource = "" } = map.findEntry(row, index) as Partial<SourceMapping>;
      const name = /resetkit\/(?:src|dist)\/(.*)\.[tj]s$/.exec(originalSource)?.[1];
      if (name) found.add(name);
    }
  }
  return [...found];
}

describe("a bundle", () => {
  const below = (folder: string) => entries.filter((name) => name.startsWith(`resetkit/${folder}/`));
  /** Beside a file itself: files of its own, which begin with its name, and what several of a folder share. */
  const foreign = (files: readonly string[], entry: string, shared: readonly string[]) => {
    const [, folder, own] = entry.split("/");
    return files.filter((file) => {
      const [inFolder, name] = file.split("/");
      return inFolder === folder && !name!.startsWith(own!) && !shared.includes(name!);
    });
  };

  it("of one adapter has no other", async () => {
    const shared = ["shared", "node-bridge"];
    const adapters = below("adapters").filter((name) => !shared.includes(name.split("/")[2]!));
    expect(adapters.length).toBeGreaterThan(5);
    for (const adapter of adapters) {
      const files = await bundled(`export * from "${adapter}"`);
      expect(files).toContain("http/handler");
      expect(foreign(files, adapter, shared), adapter).toEqual([]);
      expect(files.filter((file) => /^(stores|connections|tokens|delivery|pages\/pages)/.test(file))).toEqual(
        [],
      );
    }
  });

  it("of one store, or one connection, has no other", async () => {
    for (const store of ["memory", "sql", "redis", "mongodb"]) {
      const files = await bundled(`export * from "resetkit/stores/${store}"`);
      expect(foreign(files, `resetkit/stores/${store}`, ["eviction"]), store).toEqual([]);
      expect(
        files.filter((file) => /^(adapters|http|connections|engine)\//.test(file)),
        store,
      ).toEqual([]);
    }
    const shared = ["shared"];
    for (const connection of below("connections")) {
      const files = await bundled(`export * from "${connection}"`);
      expect(foreign(files, connection, shared), connection).toEqual([]);
      expect(
        files.filter((file) => /^(adapters|http|engine)\//.test(file)),
        connection,
      ).toEqual([]);
    }
  });

  it("of the client has the client, and nothing of the engine", async () => {
    expect(await bundled(`export { createClient } from "resetkit/client"`)).toEqual(["client"]);
  });

  it("of imports that are not used has nothing", async () => {
    const unused = entries.map((name, index) => `import * as unused${index} from "${name}";`).join("\n");
    expect(await bundled(`${unused}\nconsole.log("mine");`)).toEqual([]);
    // The control: the same, used.
    expect((await bundled(`import * as used from "resetkit"; console.log(used);`)).length).toBeGreaterThan(
      20,
    );
  });
});
