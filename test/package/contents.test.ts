import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
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

/** What is to be in the package, by what is in src. */
function expected(): string[] {
  const sources = filesIn(join(root, "src")).map((file) => file.replace(/\.ts$/, ""));
  const built = sources.flatMap((name) => [".js", ".js.map", ".d.ts"].map((end) => `dist/${name}${end}`));
  const documents = ["LICENSE", "NOTICE", "README.md", "package.json"];
  return [...documents, ...built, ...sources.map((name) => `src/${name}.ts`)].sort();
}

describe("the package", () => {
  it("has the built files, their sources, and four documents: nothing else, and no test", () => {
    // A file that only `dist` has was built from a source that is gone: remove dist, and build again.
    expect(files).toEqual(expected());
    expect(files.filter((file) => /test\.|\.test|fixture|\.tgz|\.env/.test(file))).toEqual([]);
  });

  it("has a source map for every built file, which leads to a source in the package", () => {
    const maps = files.filter((file) => file.endsWith(".js.map"));
    expect(maps.length).toBeGreaterThan(100);
    for (const map of maps) {
      const { sources, sourceRoot = "", mappings } = JSON.parse(read(map));
      const led = sources.map((source: string) => posix.join(dirname(map), sourceRoot, source));
      expect(led, map).toEqual([map.replace(/^dist(.*)\.js\.map$/, "src$1.ts")]);
      expect(files).toContain(led[0]);
      expect(mappings.length, map).toBeGreaterThan(0);
      expect(read(map.replace(/\.map$/, "")).trimEnd()).toMatch(
        new RegExp(`\n//# sourceMappingURL=${posix.basename(map)}$`),
      );
    }
  });

  it("depends on nothing, has no side effects by its own word, and says which Node it needs", () => {
    const manifest = JSON.parse(read("package.json"));
    expect(manifest).toMatchObject({ type: "module", sideEffects: false, engines: { node: ">=20.19" } });
    for (const kind of ["dependencies", "optionalDependencies", "bundledDependencies"]) {
      expect(manifest[kind] ?? {}, kind).toEqual({});
    }
    // Only the adapter of a framework may need it, and whoever has another need not install it.
    const peers = Object.keys(manifest.peerDependencies);
    expect(peers).toEqual(["@nestjs/common"]);
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
  });
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
