import { drizzle as drizzleOrm } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { drizzle } from "resetkit/connections/drizzle";
import { accounts, createReset } from "../../examples/drizzle/password-reset.js";
import { ormJob } from "./orm-job.js";

ormJob("Drizzle", async (url) => {
  const pool = new Pool({ connectionString: url });
  const db = drizzleOrm(pool);
  return {
    connection: drizzle(db),
    users: accounts(db),
    refusesOutside: true,
    createReset: (options) => createReset(db, options),
    close: () => pool.end(),
  };
});
