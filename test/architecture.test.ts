import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** Everything that users can import. A name that is taken off this list breaks their programs. */
const entries = JSON.parse(readFileSync(join(root, "test/package/entries.json"), "utf8")) as string[];
const files = (readdirSync(join(root, "src"), { recursive: true }) as string[])
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.split("\\").join("/"));

interface Import {
  readonly specifier: string;
  readonly isType: boolean;
}

function importsOf(source: string): Import[] {
  const pattern =
    /^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;
  return [...source.matchAll(pattern)].map((match) => ({
    specifier: (match[2] ?? match[3] ?? match[4])!,
    isType: match[1] !== undefined,
  }));
}

/** Which floor a file stands on. It may import from lower floors and, where said, from its own port. */
const ground = 0;
const ports = 1;
const engine = 2;
const surface = 3;
const adapters = 4;
const top = 5;

const portFolders = ["tokens", "stores", "queues", "connections", "delivery", "validators"];
const implementers = ["tokens", "stores", "queues", "connections", "ports.ts"];
const engineFiles = ["password-reset.ts", "index.ts"];

function floorOf(file: string): number {
  const [folder] = file.split("/");
  // The suite of combinations drives the engine; the other suites know the ports alone.
  if (/^testing\/(combination\/|index\.ts)/.test(file)) return engine + 0.5;
  if (folder === "testing") return ground + 0.5;
  if (folder === "cli") return top;
  if (folder === "adapters") return adapters;
  if (folder === "http" || folder === "pages") return surface;
  if (folder === "engine" || engineFiles.includes(file)) return engine;
  // Ready accounts reach a database by a connection.
  if (folder === "users") return ports + 0.5;
  if (portFolders.includes(folder!)) return ports;
  return ground;
}

function mayImport(from: string, to: string): boolean {
  // Who has no HTML pages doesn't load them: what both draw with is in `html/`.
  if (portOf(from) === "http" && portOf(to) === "pages") return false;
  // What implements a port knows the ports, and nothing of what applications see.
  if (to === "types.ts" && implementers.includes(portOf(from))) return false;
  if (floorOf(to) !== floorOf(from)) return floorOf(to) < floorOf(from);
  // Ports don't know each other. A folder below a port belongs to it.
  return floorOf(from) !== ports || portOf(from) === portOf(to);
}

/** The folder below `src`; a file that stands in `src` itself is a port of its own. */
function portOf(file: string): string {
  return file.split("/")[0]!;
}

/** Every import that goes up, or to a neighbour, as `from → to`. */
function wrongImports(sources: ReadonlyMap<string, string>): string[] {
  const wrong: string[] = [];
  for (const [file, source] of sources) {
    for (const { specifier } of importsOf(source)) {
      if (!specifier.startsWith(".")) continue;
      const target = posix.normalize(posix.join(posix.dirname(file), specifier)).replace(/\.js$/, ".ts");
      if (!mayImport(file, target)) wrong.push(`${file} → ${target}`);
    }
  }
  return wrong;
}

/** Files that import each other, types included, by whatever way around: each circle once. */
function circles(sources: ReadonlyMap<string, string>): string[][] {
  const targets = (file: string) =>
    importsOf(sources.get(file)!)
      .map(({ specifier }) => posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".ts"))
      .filter((target) => sources.has(target));
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const found: string[][] = [];
  const visit = (file: string) => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    path.push(file);
    for (const target of targets(file)) {
      if (!order.has(target)) visit(target);
      if (path.includes(target)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of sources.keys()) if (!order.has(file)) visit(file);
  return found;
}

/** Imports of anything that is not ours: the library has no dependency. */
function foreignImports(sources: ReadonlyMap<string, string>): string[] {
  const mayUseNode = (file: string) => /^(cli|testing)\//.test(file) || file === "crypto/node.ts";
  const foreign: string[] = [];
  for (const [file, source] of sources) {
    for (const { specifier, isType } of importsOf(source)) {
      if (specifier.startsWith(".") || specifier === "#crypto") continue;
      if (specifier.startsWith("node:") && (mayUseNode(file) || (isType && file.startsWith("adapters/"))))
        continue;
      if (file === "adapters/nestjs.ts" && specifier === "@nestjs/common") continue;
      foreign.push(`${file} → ${specifier}`);
    }
  }
  return foreign;
}

const sources = new Map(files.map((file) => [file, readFileSync(join(root, "src", file), "utf8")]));

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
          "package",
          "runtimes",
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
