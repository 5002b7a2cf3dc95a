import { describe, expect, it } from "vitest";
import { differences, withRows, type Seen } from "./frameworks-table.js";
import UsersTable from "./users-table.js";

const file = "test/adapters/koa.test.ts";
const koa: Seen = { name: "Koa", version: "3.3.0", ran: "all", file, passed: 9, of: 9, isWhole: true };
const empty = "# Page\n\n<!-- frameworks:start -->\n<!-- frameworks:end -->\n\nMore.\n";

describe("the table of users and databases", () => {
  it("has a page of its own, and doesn't miss a database that a machine may lack", async () => {
    const { table } = new UsersTable();
    const row = { ...koa, name: "`sqlUsers`", version: "MySQL, by mysql2" };
    const page = await withRows(empty.replaceAll("frameworks:", "users:"), [row], table);
    expect(page).toContain("| port       | database         |");
    expect(differences(page, [], [file], table)).toEqual([]);
    expect(differences(page.replaceAll("MySQL", "MariaDB"), [], [file], table)).toHaveLength(1);
  });
});

describe("the table of frameworks", () => {
  it("is written into its place, in order, and holds then", async () => {
    const two = [
      koa,
      { ...koa, name: "Express", version: "10.0.0" },
      { ...koa, name: "Express", version: "5.0.0" },
    ];
    const page = await withRows(empty, two);
    expect(page).toContain("| Koa       | 3.3.0   | [all](../test/adapters/koa.test.ts) | 9 of 9 |");
    expect(page.match(/^\| (\w+)/gm)).toEqual(["| framework", "| Express", "| Express", "| Koa"]);
    expect(page.indexOf("5.0.0")).toBeLessThan(page.indexOf("10.0.0"));
    expect(page).toMatch(/^# Page\n[^]*\nMore\.\n$/);
    expect(differences(page, two, [file])).toEqual([]);
    expect(await withRows(page, two)).toBe(page);
  });

  it("is found wrong where a version, a number or a row is another, and where a test file is gone", async () => {
    const page = await withRows(empty, [koa]);
    expect(differences(page, [{ ...koa, version: "3.4.0" }], [file])).toHaveLength(2);
    expect(differences(page, [{ ...koa, passed: 10, of: 10 }], [file])).toHaveLength(2);
    expect(differences(page, [koa, { ...koa, name: "Hono" }], [file])).toEqual([
      expect.stringContaining("Hono"),
    ]);
    expect(differences(page, [], [file])).toEqual([expect.stringContaining("did not run")]);
    const gone = await withRows(empty, [{ ...koa, file: "test/adapters/gone.test.ts" }]);
    expect(differences(gone, [], [])).toHaveLength(1);
  });

  it("says nothing of what did not run, or not as a whole", async () => {
    const page = await withRows(empty, [koa]);
    expect(differences(page, [], [])).toEqual([]);
    expect(differences(page, [{ ...koa, passed: 1, isWhole: false }], [])).toEqual([]);
    expect(differences(page, [{ ...koa, passed: 8 }], [])).toEqual([]);
  });

  it("must have its place", () => {
    expect(() => differences("# Page", [], [])).toThrow("<!-- frameworks:start -->");
  });
});
