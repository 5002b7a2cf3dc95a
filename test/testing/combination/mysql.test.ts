import { createPool } from "mysql2/promise";
import { describe, it } from "vitest";
import { mysql2 } from "resetkit/connections/mysql2";
import { combinationSuite } from "resetkit/testing";
import { mariadb } from "../../servers/mariadb.js";
import { mysql } from "../../servers/mysql.js";
import { subjectOn } from "./subject.js";

const [mariadbUrl, server] = await Promise.all([mariadb(), mysql()]);

const on = (uri: string) => (connectionLimit: number) => {
  const pool = createPool({ uri, connectionLimit });
  return subjectOn(mysql2(pool), () => pool.end());
};

combinationSuite({ describe, it }, "MariaDB", on(mariadbUrl));
if ("url" in server) combinationSuite({ describe, it }, "MySQL", on(server.url));
else it.skip(`MySQL could not be had, and this is why: ${server.absent}`, () => {});
