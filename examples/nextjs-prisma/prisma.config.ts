import { defineConfig } from "prisma/config";

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "" },
  // resetkit creates these at start. Without this, `prisma migrate dev` would take them for drift.
  experimental: { externalTables: true },
  tables: {
    external: [
      "public.resetkit_tokens",
      "public.resetkit_counters",
      "public.resetkit_queue",
      "public.resetkit_migrations",
    ],
  },
});
