import { Pool } from "pg";
import { describe, it } from "vitest";
import { pg } from "resetkit/connections/pg";
import { combinationSuite } from "resetkit/testing";
import { postgres } from "../../servers/postgres.js";
import { subjectOn } from "./subject.js";

const connectionString = await postgres();

combinationSuite({ describe, it }, "PostgreSQL", (max) => {
  const pool = new Pool({ connectionString, max });
  return subjectOn(pg(pool), () => pool.end());
});
