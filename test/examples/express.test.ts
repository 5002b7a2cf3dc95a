import Database from "better-sqlite3";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appJob } from "./app-job.js";

const packages = ["express", "better-sqlite3", "nodemailer", "@node-rs"];

appJob("Express and SQLite", "express", packages, async () => {
  const folder = await mkdtemp(join(tmpdir(), "resetkit-example-"));
  const file = join(folder, "app.db");
  const db = new Database(file);
  return {
    environment: { DATABASE_FILE: file },
    async query(sql) {
      const statement = db.prepare(sql);
      return statement.reader ? statement.all() : (statement.run(), []);
    },
    async close() {
      db.close();
      await rm(folder, { recursive: true });
    },
  };
});
