/**
 * A transaction that was given up: its connection is closed, so that what the application still sends on it takes no
 * effect, and a statement that hangs isn't waited for.
 */
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { expect, it } from "vitest";
import { mariadb } from "resetkit/connections/mariadb";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import type { SqlConnection } from "resetkit/types";
import { TimeoutError } from "../../src/runtime/timeout.js";
import { driver as install } from "../servers/drivers.js";
import { mariadb as mariadbServer } from "../servers/mariadb.js";
import { postgres } from "../servers/postgres.js";

const [postgresUrl, mariadbUrl, mariadbDriver] = await Promise.all([
  postgres(),
  mariadbServer(),
  install("mariadb"),
]);

interface Driver {
  readonly connection: SqlConnection;
  readonly sleep: string;
  readonly close: () => Promise<unknown>;
}

const drivers: Readonly<Record<string, () => Driver>> = {
  pg() {
    const pool = new Pool({ connectionString: postgresUrl, max: 1 });
    return { connection: pg(pool), sleep: "select pg_sleep(20)", close: () => pool.end() };
  },
  mysql2() {
    const pool = createPool({ uri: mariadbUrl, connectionLimit: 1 });
    return { connection: mysql2(pool), sleep: "select sleep(20)", close: () => pool.end() };
  },
  mariadb() {
    const pool = mariadbDriver.createPool(`${mariadbUrl.replace("mysql:", "mariadb:")}?connectionLimit=1`);
    return { connection: mariadb(pool), sleep: "select sleep(20)", close: () => pool.end() };
  },
};

/** As the application would, with the driver. */
const run = (client: any, text: string): Promise<unknown> => client.query(text);

const count = async ({ connection }: Driver) => {
  const text = "select count(*) as n from given_up";
  return Number((await connection.query({ text, rows: true }, [])).rows[0]!.n);
};

it.each(Object.keys(drivers))(
  "%s closes the connection of a transaction that was given up",
  { timeout: 60_000 },
  async (name) => {
    const driver = drivers[name]!();
    const { connection, sleep, close } = driver;
    await connection.query({ text: "drop table if exists given_up", rows: false }, []);
    await connection.query({ text: "create table given_up (id int)", rows: false }, []);

    // The control: work that just fails leaves its connection to the pool, where a late statement takes effect.
    let handle: unknown;
    const failed = connection.transaction!(async (given) => {
      handle = given;
      throw new Error("It failed.");
    });
    await expect(failed).rejects.toThrow("It failed.");
    await run(handle, "insert into given_up values (1)");
    expect(await count(driver)).toBe(1);

    const late = new TimeoutError("It took too long.");
    const givenUp = connection.transaction!(async (given) => {
      handle = given;
      await run(given, "insert into given_up values (2)");
      throw late;
    });
    await expect(givenUp).rejects.toBe(late);
    await expect(run(handle, "insert into given_up values (3)")).rejects.toThrow();
    expect(await count(driver)).toBe(1);

    const startedAt = performance.now();
    const hangs = connection.transaction!(async (given) => {
      await run(given, "insert into given_up values (4)");
      void run(given, sleep).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw late;
    });
    await expect(hangs).rejects.toBe(late);
    expect(await count(driver)).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    await close();
  },
);
