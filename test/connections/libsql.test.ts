import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { libsql } from "resetkit/connections/libsql";
import { connectionSuite } from "resetkit/testing";
import { driver } from "../servers/drivers.js";
import { sqlSuite } from "../servers/sql-suite.js";
import { sqlUsersSuite } from "../users/people-table.js";

const { createClient } = await driver("@libsql/client");

/** In memory if the system has such a folder: each statement of the suite is a commit of its own. */
const place = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

function open() {
  const folder = mkdtempSync(join(place, "resetkit-libsql-"));
  const client = createClient({ url: `file:${join(folder, "app.db")}` });
  const close = () => {
    client.close();
    rmSync(folder, { recursive: true });
  };
  return { client, connection: libsql(client), close };
}

sqlSuite("libSQL in a file", async () => open());
sqlUsersSuite("sqlUsers on libSQL", open);
connectionSuite({ describe, it }, "libSQL", open, { sizes: [1], control: false });

describe("libsql", () => {
  it("refuses what is no client, with the fix", () => {
    expect(() => libsql(undefined as never)).toThrow(/pass what createClient\(\{ url \}\) returned/);
  });

  it("gives the application's callbacks libSQL's transaction, which is undone by an error", async () => {
    const { client, connection, close } = open();
    await client.execute("create table notes (id integer)");
    const failed = connection.transaction!(async (transaction) => {
      await transaction.execute("insert into notes values (1)");
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    expect((await client.execute("select * from notes")).rows).toHaveLength(0);
    close();
  });

  it("returns bytes as bytes", async () => {
    const { connection, close } = open();
    const { rows } = await connection.query({ text: "select ? as bytes", rows: true }, [Uint8Array.of(1, 2)]);
    expect(rows).toEqual([{ bytes: Uint8Array.of(1, 2) }]);
    close();
  });
});
