import { Pool } from "pg";
import { postgres } from "../servers/postgres.js";
import { appJob } from "./app-job.js";

appJob("Fastify and PostgreSQL", "fastify", ["fastify", "pg", "nodemailer", "@node-rs"], async () => {
  const url = await postgres();
  const db = new Pool({ connectionString: url });
  return {
    environment: { DATABASE_URL: url },
    query: async (sql) => (await db.query(sql)).rows,
    close: () => db.end(),
  };
});
