/** Packing, versions and the refusal to release, each in a copy of the repository: they change what they run in. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../servers/debian.js";
import { root } from "./packed.js";

let copy: string;
const read = (file: string) => readFileSync(join(copy, file), "utf8");
const write = (file: string, text: string) => writeFile(join(copy, file), text);
const edit = (file: string, part: string, replacement: string) => {
  expect(read(file)).toContain(part);
  return write(file, read(file).replaceAll(part, replacement));
};

const copied = [
  "package.json",
  "package-lock.json",
  "server/package.json",
  "scripts",
  ".changeset",
  ".github",
];
const documents = ["CHANGELOG.md", "CODE_OF_CONDUCT.md", "LICENSE", "NOTICE", "README.md", "SECURITY.md"];

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), "resetkit-release-"));
  for (const part of [...copied, ...documents])
    await cp(join(root, part), join(copy, part), { recursive: true });
});
afterEach(() => rm(copy, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly output: string;
}

function script(name: string, args: readonly string[] = [], environment: object = {}): Promise<Ended> {
  const { GITHUB_REPOSITORY: _, ...env } = process.env;
  return run(process.execPath, [join(copy, "scripts", name), ...args], {
    cwd: copy,
    env: { ...env, ...environment },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, output: stdout + stderr }),
  );
}

describe("npm pack", () => {
  beforeEach(async () => {
    await mkdir(join(copy, "dist"));
    // Building takes long and is tested elsewhere. This shows when it happens.
    const manifest = JSON.parse(read("package.json"));
    manifest.scripts.build = `node -e "fs.appendFileSync('dist/builds.txt', 'built ')"`;
    await write("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  });

  /** Packs the copy. Returns the texts of the package by the names of their files. */
  async function pack(...options: readonly string[]): Promise<Map<string, string>> {
    await run("npm", ["pack", "--loglevel=error", ...options], { cwd: copy });
    await run("tar", ["-xzf", readdirSync(copy).find((file) => file.endsWith(".tgz"))!], { cwd: copy });
    const files = (readdirSync(join(copy, "package"), { recursive: true }) as string[]).filter((file) =>
      /\.(md|json|txt)$/.test(file),
    );
    return new Map(files.map((file) => [file, read(`package/${file}`)]));
  }

  it("builds, leaves `prepare` out, and leaves package.json as it was", async () => {
    const before = read("package.json");
    const files = await pack();
    const { scripts, ...manifest } = JSON.parse(files.get("package.json")!);
    const { scripts: ours, ...expected } = JSON.parse(before);
    expect(scripts).not.toHaveProperty("prepare");
    expect({ ...scripts, prepare: ours.prepare }).toEqual(ours);
    expect(manifest).toEqual(expected);
    expect(files.get("dist/builds.txt")).toBe("built ");
    expect(read("package.json")).toBe(before);
    expect(existsSync(join(copy, "package.json.original"))).toBe(false);
  });

  it("would have `prepare` without our scripts", async () => {
    const files = await pack("--ignore-scripts");
    expect(JSON.parse(files.get("package.json")!).scripts).toHaveProperty("prepare");
  });

  it("repairs what an interrupted run left", async () => {
    const before = read("package.json");
    expect((await script("manifest.mjs", ["clean"])).code).toBe(0);
    expect(read("package.json")).not.toBe(before);
    await pack();
    expect(read("package.json")).toBe(before);
  });

  it("packs SECURITY.md, with where to report and what is supported", async () => {
    const text = (await pack("--ignore-scripts")).get("SECURITY.md");
    expect(text).toContain("## Report a vulnerability");
    expect(text).toContain("## Supported versions");
  });
});

describe("a release", () => {
  const placeholder = "placeholder_organization";
  const repository = { GITHUB_REPOSITORY: "acme/resetkit" };

  /** Makes the copy what a repository is that may be released, as `acme`, with the version 0.9.0. */
  async function makeReady(): Promise<void> {
    const { url } = JSON.parse(read("package.json")).repository;
    const organization = url.split("/")[3];
    const nested = (readdirSync(join(copy, ".github"), { recursive: true }) as string[]).map(
      (file) => `.github/${file}`,
    );
    const files = ["package.json", "README.md", "SECURITY.md", "CODE_OF_CONDUCT.md", ...nested];
    for (const file of files.filter((file) => /\.\w+$|CODEOWNERS$/.test(file))) {
      await write(file, read(file).replaceAll(organization, "acme"));
    }
    await write("package.json", read("package.json").replace(/"version": ".*"/, '"version": "0.9.0"'));
    await write("CHANGELOG.md", "# Changelog\n\n## 0.9.0\n\n### Added\n\n- All of it.\n");
    for (const file of readdirSync(join(copy, ".changeset")).filter((file) =>
      /(?<!README)\.md$/.test(file),
    )) {
      await rm(join(copy, ".changeset", file));
    }
  }

  beforeEach(makeReady);

  it("is not refused when all is ready", async () => {
    const ended = await script("release.mjs", ["v0.9.0"], repository);
    expect(ended).toEqual({ code: 0, output: "This commit can be released.\n" });
    expect((await script("changelog.mjs", ["0.9.0"])).output).toBe("### Added\n\n- All of it.\n");
  });

  it.each([
    ["package.json", "acme"],
    ["README.md", "acme"],
    ["SECURITY.md", "acme"],
    ["CODE_OF_CONDUCT.md", "acme"],
    [".github/CODEOWNERS", "acme"],
    [".github/ISSUE_TEMPLATE/config.yml", "acme"],
  ])("is refused while the placeholder organization stands in %s", async (file, organization) => {
    await edit(file, organization, placeholder);
    const { code, output } = await script("release.mjs", ["v0.9.0"], repository);
    expect(code).toBe(1);
    expect(output).toBe(`${file} still has "${placeholder}". Replace it with the organization on GitHub.\n`);
  });

  it("is refused from another repository", async () => {
    const { code, output } = await script("release.mjs", ["v0.9.0"], { GITHUB_REPOSITORY: "fork/resetkit" });
    expect(code).toBe(1);
    expect(output).toMatch(
      /^repository\.url in package\.json is "git\+https:.*", but fork\/resetkit is releasing it\./,
    );
  });

  it("is refused with another tag, without its section of the changelog, and with a changeset left over", async () => {
    expect((await script("release.mjs", ["v1.0.0"], repository)).output).toMatch(
      /^The tag is "v1\.0\.0", but/,
    );
    await edit("CHANGELOG.md", "## 0.9.0", "## Unreleased");
    await write(".changeset/kind-cats-sing.md", '---\n"resetkit": patch\n---\n\nFixed: a thing.\n');
    const { code, output } = await script("release.mjs", [], repository);
    expect(code).toBe(1);
    const [changelog, changeset, ...others] = output.trim().split("\n");
    expect(changelog).toMatch(/^CHANGELOG\.md has no section "## 0\.9\.0"/);
    expect(changeset).toMatch(/kind-cats-sing\.md/);
    expect(others).toEqual([]);
  });

  it("is refused from a machine, too", async () => {
    await edit("SECURITY.md", "acme", placeholder);
    const publishing = run("npm", ["publish", "--dry-run"], { cwd: copy });
    await expect(publishing).rejects.toThrow(/placeholder_organization/);
  });
});

describe("the next version", () => {
  const changeset = (kind: string, text: string) => `---\n"resetkit": ${kind}\n---\n\n${text}\n`;

  beforeEach(async () => {
    await symlink(join(root, "node_modules"), join(copy, "node_modules"));
    await write("package.json", read("package.json").replace(/"version": ".*"/, '"version": "0.9.0"'));
    for (const name of readdirSync(join(copy, ".changeset"))) {
      if (name.endsWith(".md") && name !== "README.md") await rm(join(copy, ".changeset", name));
    }
    await write("CHANGELOG.md", "# Changelog\n\nAll notable changes.\n\n## 0.9.0\n\n- All of it.\n");
  });

  it("comes from the changesets, which become its section of the changelog", async () => {
    await write(".changeset/a.md", changeset("patch", "Fixed: a link\nthat broke."));
    await write(".changeset/b.md", changeset("minor", "Added: an option."));
    await write(".changeset/c.md", changeset("patch", "Fixed: a message."));
    const { code, output } = await script("version.mjs");
    expect(output).toContain("push the tag v0.10.0");
    expect(code).toBe(0);
    expect(read("CHANGELOG.md")).toBe(
      "# Changelog\n\nAll notable changes.\n\n## 0.10.0\n\n### Added\n\n- an option.\n\n### Fixed\n\n- a link\n  that broke.\n- a message.\n\n## 0.9.0\n\n- All of it.\n",
    );
    expect(JSON.parse(read("package.json")).version).toBe("0.10.0");
    const lock = JSON.parse(read("package-lock.json"));
    expect([lock.version, lock.packages[""].version]).toEqual(["0.10.0", "0.10.0"]);
    expect(readdirSync(join(copy, ".changeset")).sort()).toEqual(["README.md", "config.json"]);
  });

  it("is refused, and nothing changes, without changesets and with one that has no heading", async () => {
    expect((await script("version.mjs")).output).toContain("There are no changesets.");
    await write(".changeset/a.md", changeset("patch", "Repaired a thing."));
    const before = read("package.json");
    const { code, output } = await script("version.mjs");
    expect(code).toBe(1);
    expect(output).toContain('.changeset/a.md starts with "Repaired a thing.". Start it with one of Added,');
    expect([existsSync(join(copy, ".changeset/a.md")), read("package.json")]).toEqual([true, before]);
  });
});
