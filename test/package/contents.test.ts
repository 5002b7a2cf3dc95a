import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire, SourceMap, type SourceMapping } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { publint } from "publint";
import { beforeAll, describe, expect, it } from "vitest";
import { run } from "../servers/debian.js";
import { entriesOf, packed, root, type Packed } from "./packed.js";

let pack: Packed;
let files: string[];
const read = (file: string) => readFileSync(join(pack.folder, file), "utf8");

beforeAll(async () => {
  pack = await packed();
  files = filesIn(pack.folder);
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function sourceNames(): string[] {
  return filesIn(join(root, "src")).map((file) => file.replace(/\.ts$/, ""));
}

/** What is to be in the package beside JavaScript and its maps, by what is in src. */
function expected(): string[] {
  const sources = sourceNames();
  const documents = ["LICENSE", "NOTICE", "README.md", "SECURITY.md", "package.json"];
  const docs = filesIn(join(root, "docs")).filter((file) => !/^images\/|^evidence\/.*\.json$/.test(file));
  return [
    ...documents,
    ...docs.map((file) => `docs/${file}`),
    // What `npx shadcn add` reads.
    ...["password-reset.json", "registry.json"].map((file) => `registry/${file}`),
    ...sources.map((name) => `src/${name}.ts`),
    ...reached((entry) => entry.replace(/\.js$/, ".d.ts")),
  ].sort();
}

/** The files that can be imported, or run, by their names in package.json. */
function entryFiles(): string[] {
  const { bin, imports } = JSON.parse(read("package.json"));
  const named = [...Object.values<string>(bin), ...Object.values<string>(imports["#crypto"])];
  return [...entriesOf(pack.folder).values(), ...named.map((target) => target.slice(2))];
}

/** What the entries load, as scripts or as types. */
function reached(kind: (entry: string) => string): string[] {
  return [...new Set(entryFiles().flatMap((entry) => [...loaded(kind(entry), true)]))].sort();
}

/** A file that is imported, and all that it imports in turn; `later` counts what is imported when it is needed. */
function loaded(entry: string, later: boolean, found = new Set<string>()): Set<string> {
  if (found.has(entry)) return found;
  found.add(entry);
  const [once, whenNeeded] = [/^(?:import|export) [^"]*"([^"]+)";$/gm, /\bimport\("([^"]+)"\)/g];
  for (const pattern of later ? [once, whenNeeded] : [once]) {
    for (const [, specifier] of read(entry).matchAll(pattern)) {
      if (specifier === "#crypto") loaded("dist/crypto/node.js", later, found);
      if (!specifier!.startsWith(".")) continue;
      const path = posix.join(dirname(entry), specifier!);
      loaded(entry.endsWith(".d.ts") ? path.replace(/\.js$/, ".d.ts") : path, later, found);
    }
  }
  return found;
}

/** The files of a map's sources, and the text that it is the map of. */
function mapped(map: string): { sources: string[]; map: SourceMap; lines: string[] } {
  const payload = JSON.parse(read(map));
  const { sources, sourceRoot = "" } = payload;
  return {
    sources: sources.map((source: string) => posix.join(dirname(map), sourceRoot, source)),
    map: new SourceMap(payload),
    lines: read(map.replace(/\.map$/, "")).split("\n"),
  };
}

/** The prompts of the command line, which the build puts into the package. */
function isBundled(source: string): boolean {
  return source.startsWith("node_modules/");
}

describe("the package", () => {
  it("has types that an entry needs, all sources, and documentation without pictures: nothing else, and no test", () => {
    expect(files.filter((file) => !/\.js(\.map)?$/.test(file))).toEqual(expected());
    expect(files.filter((file) => /test\.|\.test|fixture|\.tgz|\.env/.test(file))).toEqual([]);
  });

  it("has a file for each name of package.json, and no JavaScript that none of these loads", () => {
    expect(entryFiles().length).toBeGreaterThan(50);
    const mirrors = sourceNames().map((name) => `dist/${name}.js`);
    expect(entryFiles().filter((entry) => !mirrors.includes(entry))).toEqual([]);
    const scripts = files.filter((file) => file.endsWith(".js"));
    expect(scripts).toEqual(reached((entry) => entry));
    // The control: what is built has more, since it mirrors the sources.
    expect(filesIn(join(root, "dist")).filter((file) => file.endsWith(".js")).length).toBeGreaterThan(
      scripts.length + 100,
    );
  });

  it("opens the files of entries.json, and refuses every other file of dist", () => {
    const open = JSON.parse(readFileSync(join(root, "test/package/entries.json"), "utf8")) as string[];
    expect([...entriesOf(pack.folder).keys()].map((name) => name.replace("resetkit", ".")).sort()).toEqual(
      open,
    );
    // A name may be shorter than the path of its file: both are tried.
    const opened = [...entriesOf(pack.folder).values()];
    const { resolve } = createRequire(join(pack.folder, "package.json"));
    const codeOf = (name: string) => {
      try {
        resolve(name);
        return "resolved";
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    };
    const scripts = filesIn(join(root, "dist")).filter((file) => file.endsWith(".js"));
    const closed = scripts.map((file) => `dist/${file}`).filter((file) => !opened.includes(file));
    expect(closed.length).toBeGreaterThan(100);
    for (const file of closed) {
      for (const name of [file, file.slice("dist/".length, -".js".length)]) {
        expect(codeOf(`resetkit/${name}`), name).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
      }
    }
    // The control: what is open resolves.
    for (const name of open) expect(codeOf(name.replace(".", "resetkit")), name).toBe("resolved");
  });

  it("gives from each file what its source gives", async () => {
    // A command, which runs when it is loaded.
    for (const name of sourceNames().filter((name) => name !== "cli/main")) {
      const [built, source] = await Promise.all(
        [`dist/${name}.js`, `src/${name}.ts`].map((file) => import(pathToFileURL(join(root, file)).href)),
      );
      expect(Object.keys(built).sort(), name).toEqual(Object.keys(source).sort());
    }
  });

  it("loads the engine from three files, and the rest of it when it is needed", () => {
    expect([...loaded("dist/index.js", false)].sort()).toEqual([
      "dist/crypto/node.js",
      "dist/index.js",
      "dist/shared/core.js",
    ]);
    const { sources } = mapped("dist/shared/core.js.map");
    expect(sources).toContain("src/password-reset.ts");
    expect(sources.filter((file) => /engine\/(worker|change)|codes|validators|http/.test(file))).toEqual([]);
    expect([...loaded("dist/index.js", true)].length).toBeGreaterThan(5);
  });

  it("has code of others only where NOTICE names it", () => {
    const maps = files.filter((file) => file.endsWith(".js.map"));
    const others = new Set(maps.flatMap((map) => mapped(map).sources.filter(isBundled)));
    const names = new Set([...others].map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)![1]!));
    expect(names).toContain("@clack/prompts");
    for (const name of names) expect(read("NOTICE")).toContain(name);
  });

  it("has React's hooks in a file that begins as a Client Component must", () => {
    expect(read("dist/react/hooks.js")).toMatch(/^"use client";\n/);
  });

  it("has JavaScript without comments, but for what says where code is from", () => {
    for (const file of files.filter((file) => /^dist\/.*\.js$/.test(file))) {
      const comments = read(file).match(/^\/[/*].*$/gm) ?? [];
      // Whose code follows, and where the map is.
      const others = comments.filter(
        (line) => !/^\/\/(# sourceMappingURL=| src\/\S+\.ts$| node_modules\/\S+$)/.test(line),
      );
      expect(others, file).toEqual([]);
    }
  });

  it("has every source built into one file, and one only", () => {
    const built = files.filter((file) => file.endsWith(".js.map")).flatMap((map) => mapped(map).sources);
    expect(built.filter((source, index) => built.indexOf(source) !== index)).toEqual([]);
    const sources = files.filter((file) => /^src\//.test(file));
    // These have types alone, and what others have.
    const missing = sources.filter((source) => !built.includes(source));
    expect(missing).toEqual([
      "src/cli/preview/rendered.ts",
      "src/cli/schema/options.ts",
      "src/dev/captured-mail.ts",
      "src/index.ts",
      "src/ports.ts",
      "src/stores/sql/database.ts",
      "src/testing/handler/case.ts",
      "src/testing/index.ts",
      "src/testing/store/case.ts",
      "src/testing/strategy/case.ts",
      "src/types.ts",
    ]);
  });

  it("has source maps that lead each function to its line in a source in the package", () => {
    let followed = 0;
    for (const file of files.filter((file) => file.endsWith(".js.map"))) {
      const { sources, map, lines } = mapped(file);
      expect(sources.filter((source) => !files.includes(source) && !isBundled(source))).toEqual([]);
      expect(lines.at(-1), file).toBe(`//# sourceMappingURL=${posix.basename(file)}`);
      for (const [row, line] of lines.entries()) {
        const name = /^(?:async )?function (\w+)\(/.exec(line)?.[1];
        if (!name) continue;
        const entry = map.findEntry(row, line.indexOf(name)) as SourceMapping;
        // Text of a page that happens to be a script.
        if (entry.generatedLine !== row) continue;
        const original = posix.join(dirname(file), entry.originalSource);
        if (isBundled(original)) continue;
        const source = read(original).split("\n");
        expect(source[entry.originalLine], `${file}:${row + 1}`).toContain(`function ${name}`);
        followed++;
      }
    }
    expect(followed).toBeGreaterThan(300);
  });

  it("depends on nothing, has no side effects by its own word, and says which Node it needs", () => {
    const manifest = JSON.parse(read("package.json"));
    expect(manifest).toMatchObject({ type: "module", sideEffects: false, engines: { node: ">=20.19" } });
    for (const kind of ["dependencies", "optionalDependencies", "bundledDependencies"]) {
      expect(manifest[kind] ?? {}, kind).toEqual({});
    }
    // Only what an application chooses needs them: an adapter, a validator, metrics, hooks.
    const peers = Object.keys(manifest.peerDependencies);
    expect(peers).toEqual([
      "@nestjs/common",
      "@opentelemetry/api",
      "@zxcvbn-ts/core",
      "@zxcvbn-ts/language-common",
      "@zxcvbn-ts/language-en",
      "prom-client",
      "react",
    ]);
    for (const name of peers) expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
    const server = JSON.parse(readFileSync(join(root, "server/package.json"), "utf8"));
    expect(server.engines).toEqual(manifest.engines);
    expect(read("README.md")).toContain(`Node ${manifest.engines.node.slice(2)} or newer`);
  });

  it("runs no script where it is installed", () => {
    const { scripts } = JSON.parse(read("package.json"));
    expect(Object.keys(scripts)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(pre|post)?install$/)]),
    );
  });

  it("has a command that the shell can run", () => {
    const { bin } = JSON.parse(read("package.json"));
    for (const file of Object.values(bin as Record<string, string>)) {
      expect(read(file)).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  });

  it("has the licence and the notice that the repository has", () => {
    for (const file of ["LICENSE", "NOTICE"]) expect(read(file)).toBe(readFileSync(join(root, file), "utf8"));
  });

  it("has nothing that publint would change", async () => {
    const { messages } = await publint({ pkgDir: pack.folder, pack: false, strict: true });
    expect(messages).toEqual([]);

    // The control: an entry that is not there.
    const broken = await mkdtemp(join(tmpdir(), "resetkit-broken-"));
    await writeFile(join(broken, "package.json"), '{"name":"a","version":"1.0.0","exports":"./gone.js"}');
    expect((await publint({ pkgDir: broken, pack: false })).messages.length).toBeGreaterThan(0);
    await rm(broken, { recursive: true });
  });

  it("resolves, with types, wherever ES modules do (are-the-types-wrong)", async () => {
    const names = [...entriesOf(pack.folder).keys()].map((name) => name.replace("resetkit", "."));
    expect(await typesWrong(pack.tarball, names)).toEqual([]);
    // It reads the types of every entry, one after the other.
  }, 300_000);
});

/** What are-the-types-wrong finds, for whom ESM is enough: all of Node since 20.19, and bundlers. */
async function typesWrong(tarball: string, entries: readonly string[]): Promise<string[]> {
  const program = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const options = ["--profile", "esm-only", "--format", "json", "--include-entrypoints", ...entries];
  const { stdout } = await run(process.execPath, [program, tarball, ...options], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const { analysis, problems } = JSON.parse(stdout);
  expect(Object.keys(analysis.entrypoints)).toEqual(expect.arrayContaining([...entries]));
  return Object.values(problems as Record<string, Problem[]>)
    .flat()
    .filter(({ resolutionKind }) => resolutionKind !== "node10" && resolutionKind !== "node16-cjs")
    .map((problem) => JSON.stringify(problem));
}

interface Problem {
  readonly kind: string;
  readonly resolutionKind?: string;
}
