/** docs/supported-versions.md promises what package.json says and what CI and the adapters' tests run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./packed.js";
import { workflowOf } from "./workflow.js";

const read = (file: string) => readFileSync(join(root, file), "utf8");
const page = read("docs/supported-versions.md").split("\n");
const manifest = JSON.parse(read("package.json"));
const { jobs } = workflowOf(read(".github/workflows/ci.yml"));
const cellsOf = (line: string) => line.split("|").slice(1, -1);

/** What the page says about the newest release, in the table that has a column. */
function promised(column: string): Readonly<Record<string, string>> {
  const head = page.findIndex((line) => line.startsWith("| resetkit ") && line.includes(`| ${column} `));
  const cells = cellsOf(page[head + 2]!);
  return Object.fromEntries(cellsOf(page[head]!).map((name, index) => [name.trim(), cells[index]!.trim()]));
}

/** The first image of each database in CI's matrix, whose first is the oldest. */
function oldestImages(): Record<string, string> {
  const names: Record<string, string> = { postgres: "PostgreSQL", mysql: "MySQL", mariadb: "MariaDB" };
  Object.assign(names, { redis: "Redis", "valkey/valkey": "Valkey", mongo: "MongoDB" });
  const images = jobs["database"]!.strategy!.matrix["include"] as readonly { readonly image: string }[];
  const pairs = images.map(({ image }) => image.split(":") as [string, string]);
  return Object.fromEntries(pairs.reverse().map(([name, version]) => [names[name], version]));
}

/** The major versions in the table that the adapters' tests write. */
function majorsTried(): Record<string, string> {
  const majors = new Map<string, Set<number>>();
  const rows = read("docs/frameworks.md").matchAll(/^\| ([^|`]+?) +\| (\d+)\.[\d.]+ +\| \[/gm);
  for (const [, variant, major] of rows) {
    const name = variant!.replace(/( on (Node|Express|Fastify))?(, built)?$/, "");
    majors.set(name, (majors.get(name) ?? new Set()).add(Number(major)));
  }
  return Object.fromEntries(
    [...majors].map(([name, set]) => [name, [...set].sort((a, b) => a - b).join(", ")]),
  );
}

describe("the page of supported versions", () => {
  it.each(["Node", "PostgreSQL", "Express"])("has the version of package.json beside %s", (column) => {
    const [major, minor] = manifest.version.split(".");
    expect(promised(column)["resetkit"]!.split(" ")[0]).toBe(`${major}.${minor}`);
  });

  it("names the oldest Node of package.json, which CI runs", () => {
    const oldest = manifest.engines.node.replace(">=", "");
    expect(promised("Node")["Node"]).toBe(`${oldest} or newer`);
    for (const name of ["all", "system"]) {
      expect(jobs[name]!.strategy!.matrix["node"], name).toContain(`${oldest}.0`);
    }
  });

  it("names the oldest version of each database that CI runs", () => {
    const { resetkit: _, SQLite: __, ...servers } = promised("PostgreSQL");
    expect(servers).toEqual(oldestImages());
  });

  it("names the major versions of each framework that the adapters' tests ran", () => {
    const { resetkit: _, ...frameworks } = promised("Express");
    expect(frameworks).toEqual(majorsTried());
  });
});
