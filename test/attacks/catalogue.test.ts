import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isTest, linksToTests, titlesWith } from "../evidence.js";
import { root } from "../package/packed.js";
import { catalogue } from "./catalogue.js";
import { pageOf } from "./page.js";

const page = (path: string) => readFileSync(join(root, path), "utf8");

describe("the catalogue of attacks", () => {
  it("has A01 to A135, once each", () => {
    const ids = catalogue.map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith("A"))).toEqual(
      Array.from({ length: 135 }, (_, n) => `A${String(n + 1).padStart(2, "0")}`),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("names for each a test that exists, or why there's none", () => {
    for (const { id, file, test, reason } of catalogue) {
      if (reason === undefined) expect(isTest(file!, test!), `${id}: ${file}: ${test}`).toBe(true);
      else expect(file, id).toBeUndefined();
    }
    // Control: a test that doesn't exist is missed, in a file that exists and in one that doesn't.
    expect(isTest("test/attacks/payload.test.ts", "A999: a made-up attack")).toBe(false);
    expect(isTest("test/attacks/none.test.ts", "A01")).toBe(false);
  });

  it("has a page that the run wrote, with a row for each (npm run evidence:attacks)", () => {
    const written = page("docs/evidence/attacks.md");
    for (const { id, attack } of catalogue) expect(written).toContain(`| ${id} | ${attack} |`);
    expect(written).not.toContain("**failed**");
    // A result that's missing or failed shows.
    expect(pageOf(catalogue, new Map(), "today")).toContain("**not run**");
  });
});

describe.each(["docs/evidence/requirements.md", "docs/evidence/claims.md"])("%s", (path) => {
  const rows = page(path)
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (?:-|Id|Claim)/.test(line));

  it("names in every row a test that exists, or what the application does", () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) {
      const links = linksToTests(row);
      for (const { file, title } of links) expect(isTest(file, title), `${file}: ${title}`).toBe(true);
      const isOthers = path.includes("requirements") && /\| The application's: .{20,} \|$/.test(row);
      expect(links.length > 0 || isOthers, row).toBe(true);
    }
  });
});

it("names each published vulnerability in the title of its test", () => {
  const rows = page("docs/evidence/requirements.md")
    .split("\n")
    .filter((line) => /^\| (?:CVE|GHSA)-/.test(line));
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows) {
    const id = row.split("|")[1]!.trim();
    const titles = linksToTests(row).flatMap(({ file, title }) => titlesWith(file, title));
    expect(
      titles.some((title) => title.includes(id)),
      id,
    ).toBe(true);
  }
});

describe("SECURITY.md", () => {
  it("claims nothing without its test in docs/evidence/claims.md", () => {
    const claimed = page("SECURITY.md").split("## Threat model")[1]!.split("## What isn't covered")[0]!;
    const firstCells = (text: string) =>
      text
        .split("\n")
        .filter((line) => line.startsWith("| ") && !/^\| (?:-|An attacker|Subject|Claim)/.test(line))
        .map((line) => line.split("|")[1]!.trim());
    const claims = firstCells(claimed);
    expect(claims.length).toBeGreaterThan(15);
    expect(firstCells(page("docs/evidence/claims.md")).sort()).toEqual([...claims].sort());
  });
});
