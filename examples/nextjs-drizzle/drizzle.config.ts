import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/lib/schema.ts",
  dbCredentials: { url: process.env.DATABASE_URL! },
  // resetkit creates these at start. Without this, `drizzle-kit push` would drop them.
  tablesFilter: ["!resetkit_*"],
});
