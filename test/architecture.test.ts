import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
// @ts-expect-error -- a plain script, without types of its own
import * as graph from "../scripts/import-graph.mjs";
// @ts-expect-error -- a plain script, without types of its own
import { measurePublic, measure, sourcesOf } from "../scripts/metrics.mjs";

type Sources = ReadonlyMap<string, string>;
const { importsOf, wrongImports, circles, foreignImports } = graph as {
  importsOf(source: string): { readonly specifier: string; readonly isType: boolean }[];
  wrongImports(sources: Sources): string[];
  circles(sources: Sources): string[][];
  foreignImports(sources: Sources): string[];
};

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** Everything that users can import. A name that is taken off this list breaks their programs. */
const entries = JSON.parse(readFileSync(join(root, "test/package/entries.json"), "utf8")) as string[];
const sources: Sources = sourcesOf(join(root, "src"));
const files = [...sources.keys()];

describe("imports", () => {
  it("go one way: down, and never to a neighbour", () => {
    expect(wrongImports(sources)).toEqual([]);
  });

  it("go in no circle, types included", () => {
    expect(circles(sources)).toEqual([]);
  });

  it("are found where they go in a circle (control)", () => {
    const planted = new Map([
      ["a.ts", 'import { b } from "./shared/b.js";'],
      ["shared/b.ts", 'import type { C } from "../c.js";'],
      ["c.ts", 'export { a } from "./a.js";'],
      ["d.ts", 'import { a } from "./a.js";'],
    ]);
    expect(circles(planted)).toEqual([["a.ts", "c.ts", "shared/b.ts"]]);
  });

  it("find what they name", () => {
    for (const [file, source] of sources) {
      for (const { specifier } of importsOf(source)) {
        if (!specifier.startsWith(".")) continue;
        expect(
          existsSync(join(root, "src", dirname(file), specifier.replace(/\.js$/, ".ts"))),
          `${file}: ${specifier}`,
        ).toBe(true);
      }
    }
  });

  it("name nothing that would have to be installed, and node: only where Node is a given", () => {
    expect(foreignImports(sources)).toEqual([]);
    expect(manifest.dependencies ?? {}).toEqual({});
  });

  it("that break a rule are found (control)", () => {
    const bad = new Map([
      ["tokens/stored.ts", 'import { memoryStore } from "../stores/memory.js";'],
      ["errors.ts", 'import { passwordReset } from "./password-reset.js";\nimport fs from "node:fs";'],
      ["http/docs/page.ts", 'import { form } from "../../pages/layout.js";'],
      ["stores/redis.ts", 'import type { Store } from "../types.js";'],
      ["stores/sql.ts", 'const pg = await import("pg");'],
    ]);
    expect(wrongImports(bad)).toEqual([
      "tokens/stored.ts → stores/memory.ts",
      "errors.ts → password-reset.ts",
      "http/docs/page.ts → pages/layout.ts",
      "stores/redis.ts → types.ts",
    ]);
    expect(foreignImports(bad)).toEqual(["errors.ts → node:fs", "stores/sql.ts → pg"]);
  });
});

describe("portable files", () => {
  it("use no global of Node, unless they look for it on globalThis and do without", () => {
    const portable = [...sources].filter(([file]) => !/^(cli|testing)\/|^crypto\/node\.ts$/.test(file));
    const using = portable.filter(([, source]) =>
      /\bBuffer\b|(?<!\.\s*|\w|"|\{ )process\.(?!env)|\b__dirname\b|\brequire\(/.test(
        withoutComments(source).replace(/^.*= globalThis as .*$/gm, ""),
      ),
    );
    expect(using.map(([file]) => file)).toEqual([]);
  });
});

describe("the exports map", () => {
  type Exports = Readonly<Record<string, string | null>>;
  const all = Object.entries(manifest.exports as Exports).filter(([path]) => path !== "./package.json");
  const targets = all.filter((entry): entry is [string, string] => entry[1] !== null);
  const sourceOf = (target: string) => target.replace("./dist/", "").replace(/\.js$/, ".ts");

  /** The sources that can be imported from outside, by the name that they are imported by. */
  function importable(exports: Exports, sources: readonly string[]): Map<string, string> {
    const matches = (path: string, name: string) => {
      const [before, after] = path.split("*");
      return after === undefined
        ? path === name
        : name.length > before!.length && name.startsWith(before!) && name.endsWith(after);
    };
    // As Node does it: the longest path that matches counts, and one without a star before any with one.
    const byLength = Object.entries(exports).sort(
      ([a], [b]) => Number(a.includes("*")) - Number(b.includes("*")) || b.length - a.length,
    );
    const names = sources.map((source) => `./${source.replace(/\.ts$/, "")}`);
    const written = Object.keys(exports).filter((path) => !path.includes("*"));
    const found = new Map<string, string>();
    for (const name of [...written, ...names]) {
      const [path, target] = byLength.find(([path]) => matches(path, name)) ?? [];
      if (!target) continue;
      const star = name.slice(path!.indexOf("*"));
      found.set(name, sourceOf(path!.includes("*") ? target.replace("*", star) : target));
    }
    return found;
  }

  it("names only files and folders that exist", () => {
    for (const [path, target] of all) {
      const source = sourceOf(target ?? `./dist/${path.slice(2)}.js`);
      if (source.includes("*")) {
        const folder = posix.dirname(source);
        expect(
          files.some((file) => posix.dirname(file) === folder),
          `${path} → src/${folder}/`,
        ).toBe(true);
      } else {
        expect(files, path).toContain(source);
      }
    }
  });

  it("makes the import path the source path", () => {
    for (const [path, target] of targets) {
      if (path.includes("*")) expect(target).toBe(`./dist/${path.slice(2)}.js`);
    }
  });

  it("opens the entries of test/package/entries.json, and no other file", () => {
    const { "./package.json": _, ...exports } = manifest.exports as Record<string, string | null>;
    expect([...importable(exports, files).keys()].sort()).toEqual(entries);
  });

  it("would open an internal file without its null line (control)", () => {
    const { "./stores/sql/*": _, ...open } = manifest.exports as Record<string, string | null>;
    const extra = [...importable(open, files).keys()].filter((name) => !entries.includes(name));
    expect(extra).toContain("./stores/sql/statements");
    expect(extra.every((name) => name.startsWith("./stores/sql/") || name === "./package.json")).toBe(true);
  });
});

describe("the types (npm run metrics)", () => {
  it("have a docstring on 88 % of their public members, as jose has", () => {
    const { documented, bare } = measurePublic(sources);
    expect(documented, bare.join(", ")).toBeGreaterThanOrEqual(88);
  });

  it("have no more `any` and no more `!` than they had (decision 119)", () => {
    const { any, nonNull } = measure(sources);
    expect(any).toBeLessThanOrEqual(3);
    expect(nonNull).toBeLessThanOrEqual(1.8);
  });

  it("are measured as they are written (control)", () => {
    const text = "export interface A {\n  /** Said. */\n  a: any;\n  b: string;\n}\nexport const c = d!;\n";
    const { documented, any, nonNull, bare } = measure(new Map([["types.ts", text]]));
    expect({ documented, any, nonNull, bare }).toEqual({
      documented: 50,
      any: 142.9,
      nonNull: 142.9,
      bare: ["types.ts A.b"],
    });
  });
});

describe("the layout", () => {
  it("has at most ten files in src itself: where to start reading", () => {
    expect(files.filter((file) => !file.includes("/")).length).toBeLessThanOrEqual(10);
  });

  it("has no drawers", () => {
    expect(
      files.filter(
        (file) =>
          /(^|\/)(utils?|helpers?|common|misc|lib)\.ts$/.test(file) && file !== "validators/common.ts",
      ),
    ).toEqual([]);
  });

  it("has a test folder that mirrors src", () => {
    for (const folder of readdirSync(join(root, "test"), { withFileTypes: true })) {
      if (
        !folder.isDirectory() ||
        [
          "attacks",
          "servers",
          "simulation",
          "vectors",
          "demo",
          "faults",
          "fixtures",
          "fuzz",
          "package",
          "runtimes",
          "schemas",
          "starters",
          "applications",
          "mongodb",
          "d1",
        ].includes(folder.name)
      )
        continue;
      expect(
        existsSync(join(root, "src", folder.name)) || existsSync(join(root, folder.name)),
        relative(root, folder.name),
      ).toBe(true);
    }
  });
});

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
