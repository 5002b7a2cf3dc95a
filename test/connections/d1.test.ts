import { afterAll, describe, expect, it } from "vitest";
import { d1, type D1Database } from "resetkit/connections/d1";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { simulator } from "../servers/miniflare.js";
import { sqlSuite } from "../servers/sql-suite.js";

const cloudflare = await simulator({
  script: "export default { fetch: () => new Response() }",
  d1Databases: ["SUITE", "TOGETHER", "BROKEN"],
});
afterAll(() => cloudflare.dispose());

const database = (name: string) =>
  cloudflare.getD1Database(name) as Promise<D1Database & { exec(sql: string): unknown }>;

sqlSuite(
  "D1, on Cloudflare's simulator",
  async () => ({ connection: d1(await database("SUITE")), close: () => undefined }),
  ["transaction"],
);

describe("d1", () => {
  it("is migrated once by several that begin at the same time, though there is no transaction", async () => {
    const connection = d1(await database("TOGETHER"));
    const applied = await Promise.all([1, 2, 3].map(() => migrate(connection)));
    expect(applied.sort((a, b) => a.length - b.length)).toEqual([[], [], [1, 2]]);
    await expect(sqlStore(connection).check!()).resolves.toBeUndefined();
  });

  it("says what went wrong with a migration that stays undone", async () => {
    const db = await database("BROKEN");
    await db.exec("create view resetkit_tokens as select 1");
    await expect(migrate(d1(db))).rejects.toThrow("views may not be indexed");
  });

  it("refuses what is no database, with the fix", () => {
    expect(() => d1(undefined as never)).toThrow(/pass the binding, such as env\.DB/);
  });
});
