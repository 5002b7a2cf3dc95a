import { describe, expect, it } from "vitest";
import { mariadb } from "resetkit/connections/mariadb";
import { connectionSuite } from "resetkit/testing";
import { driver } from "../servers/drivers.js";
import { mariadb as mariadbServer } from "../servers/mariadb.js";
import { mysql } from "../servers/mysql.js";
import { sqlSuite, sqlSuiteAgain } from "../servers/sql-suite.js";
import { sqlUsersSuite } from "../users/people-table.js";

const [{ createPool }, url, usersUrl, server] = await Promise.all([
  driver("mariadb"),
  mariadbServer(),
  mariadbServer(),
  mysql(),
]);

/** The driver has a scheme of its own. Its patience of ten seconds is short for a busy machine. */
function poolOf(address: string, more = {}) {
  const { hostname, port, username, pathname } = new URL(address);
  return createPool({
    ...{ host: hostname, port: Number(port), user: username, database: pathname.slice(1) },
    ...{ connectTimeout: 60_000, acquireTimeout: 60_000, allowPublicKeyRetrieval: true, ...more },
  });
}

const open = (address: string, more = {}) => {
  const pool = poolOf(address, more);
  return { connection: mariadb(pool), driver: (text: string) => pool.query(text), close: () => pool.end() };
};

sqlSuite("MariaDB, by mariadb", async () => open(url));
if ("url" in server) sqlSuiteAgain("MySQL, by mariadb", async () => open(server.url));
sqlUsersSuite("sqlUsers on MariaDB, by mariadb", () => open(usersUrl));

connectionSuite({ describe, it }, "mariadb", (connectionLimit) => open(url, { connectionLimit }));

describe("mariadb", () => {
  it("refuses what is no pool, and rows without names, with the fix", async () => {
    expect(() => mariadb(undefined as never)).toThrow(/pass what createPool\(options\) of mariadb returned/);
    const pool = poolOf(url, { rowsAsArray: true });
    const read = mariadb(pool).query({ text: "select 1 as one", rows: true }, []);
    await expect(read).rejects.toThrow("Pass a pool without it");
    await pool.end();
  });

  it("gives the application's callbacks the PoolConnection, and goes on after one is lost", async () => {
    const pool = poolOf(url, { connectionLimit: 1 });
    const connection = mariadb(pool);
    const lost = connection.transaction!(async (client) => {
      await client.query("kill connection_id()").catch(() => {});
      await client.query("select 1");
    });
    await expect(lost).rejects.toThrow();
    const { rows } = await connection.query({ text: "select 1 as one", rows: true }, []);
    expect(rows.map(({ one }) => Number(one))).toEqual([1]);
    await pool.end();
  });
});
