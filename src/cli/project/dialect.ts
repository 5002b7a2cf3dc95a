import type { SqlDialect } from "../../types.js";
import type { Project } from "./project.js";

/** The names that tools use for the databases. */
const spellings: Readonly<Record<string, SqlDialect>> = {
  pg: "postgres",
  postgres: "postgres",
  postgresql: "postgres",
  cockroachdb: "postgres",
  mysql: "mysql",
  mysql2: "mysql",
  mariadb: "mysql",
  sqlite: "sqlite",
  sqlite3: "sqlite",
  turso: "sqlite",
};

export function dialectNamed(name: string): SqlDialect | undefined {
  return Object.hasOwn(spellings, name) ? spellings[name] : undefined;
}

/** Drivers for exactly one kind of database. */
const drivers: Readonly<Record<SqlDialect, readonly string[]>> = {
  postgres: [
    ...["pg", "postgres", "@neondatabase/serverless", "@vercel/postgres", "@prisma/adapter-pg"],
    "@mikro-orm/postgresql",
  ],
  mysql: ["mysql2", "mysql", "mariadb", "@prisma/adapter-mariadb", "@mikro-orm/mysql", "@mikro-orm/mariadb"],
  sqlite: [
    ...["better-sqlite3", "sqlite3", "@libsql/client", "@prisma/adapter-better-sqlite3"],
    ...["@mikro-orm/better-sqlite", "@mikro-orm/sqlite", "@mikro-orm/libsql"],
  ],
};

/** The application's database, from its ORM's configuration, otherwise from its drivers if they're all for one kind. */
export function dialectOf(project: Project): SqlDialect | undefined {
  const configured = configuredIn(project);
  if (configured) return configured;
  const found = (Object.keys(drivers) as SqlDialect[]).filter((dialect) =>
    drivers[dialect].some((name) => project.packages.has(name)),
  );
  return found.length === 1 ? found[0] : undefined;
}

function configuredIn(project: Project): SqlDialect | undefined {
  const drizzle = ["ts", "js", "mjs"].map((ending) => project.read(`drizzle.config.${ending}`)).join("\n");
  const prisma = ["prisma/schema.prisma", "schema.prisma"].map((path) => project.read(path)).join("\n");
  const [, named] =
    /\bdialect:\s*["'`](\w+)["'`]/.exec(drizzle) ??
    /\bdatasource\b[^}]*?\bprovider\s*=\s*"(\w+)"/.exec(prisma) ??
    [];
  return named === undefined ? undefined : dialectNamed(named);
}
