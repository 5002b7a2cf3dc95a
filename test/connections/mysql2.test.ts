import { createPool as createCallbackPool } from "mysql2";
import { createPool } from "mysql2/promise";
import { describe, expect, it } from "vitest";
import { mysql2 } from "resetkit/connections/mysql2";
import { connectionSuite } from "resetkit/testing";
import { mariadb } from "../servers/mariadb.js";
import { mysql } from "../servers/mysql.js";
import { sqlSuite, sqlSuiteAgain } from "../servers/sql-suite.js";

const [mariadbUrl, server] = await Promise.all([mariadb(), mysql()]);

/** Without MySQL, the suite runs on MariaDB. */
const onMariadb = "url" in server ? sqlSuiteAgain : sqlSuite;

onMariadb("MariaDB, by mysql2", async () => {
  const pool = createPool(mariadbUrl);
  return { connection: mysql2(pool), close: () => pool.end() };
});

if ("url" in server) {
  sqlSuite("MySQL, by mysql2", async () => {
    const pool = createPool(server.url);
    return { connection: mysql2(pool), close: () => pool.end() };
  });

  // Drivers count the rows that a statement found, or, told so, those that it changed.
  sqlSuiteAgain("MySQL, by mysql2 without FOUND_ROWS and with callbacks", async () => {
    const pool = createCallbackPool({ uri: server.url, flags: ["-FOUND_ROWS"] });
    return { connection: mysql2(pool), close: () => pool.promise().end() };
  });
} else {
  it.skip(`MySQL could not be had, and this is why: ${server.absent}`, () => {});
}

connectionSuite({ describe, it }, "mysql2", (connectionLimit) => {
  const pool = createPool({ uri: mariadbUrl, connectionLimit });
  return { connection: mysql2(pool), driver: (text) => pool.query(text), close: () => pool.end() };
});

describe("mysql2", () => {
  it("refuses what is no pool, with the fix", () => {
    expect(() => mysql2(undefined as never)).toThrow(/pass what createPool\(uri\) of mysql2 returned/);
    expect(() => mysql2({} as never)).toThrow(TypeError);
  });

  it("gives the application's callbacks the PoolConnection, in a READ COMMITTED transaction", async () => {
    const pool = createPool(mariadbUrl);
    await pool.query("create table notes (id int primary key)");
    const counts = await mysql2(pool).transaction!(async (client) => {
      const [before] = await client.execute("select count(*) as n from notes");
      await pool.query("insert into notes values (1)");
      const [after] = await client.execute("select count(*) as n from notes");
      return [before, after];
    });
    expect(counts).toEqual([[{ n: 0 }], [{ n: 1 }]]);
    await pool.end();
  });

  it("destroys a connection that is lost within a transaction, and goes on with another", async () => {
    const pool = createPool({ uri: mariadbUrl, connectionLimit: 1 });
    const connection = mysql2(pool);
    const lost = connection.transaction!(async (client) => {
      await client.query("kill connection_id()").catch(() => {});
      await client.query("select 1");
    });
    await expect(lost).rejects.toThrow();
    const { rows } = await connection.query({ text: "select 1 as one", rows: true }, []);
    expect(rows).toEqual([{ one: 1 }]);
    await pool.end();
  });
});
