import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "../project/project.js";

export const frameworks = [
  "express",
  "fastify",
  "nestjs",
  "sveltekit",
  "nextjs",
  "hono",
  "nuxt",
  "react-router",
  "koa",
  "node",
] as const;
export type Framework = (typeof frameworks)[number];

/** Frameworks by package. One that builds on another comes first. */
const frameworkPackages: readonly (readonly [string, Framework])[] = [
  ["@nestjs/core", "nestjs"],
  ["next", "nextjs"],
  ["nuxt", "nuxt"],
  ["@sveltejs/kit", "sveltekit"],
  ["@react-router/dev", "react-router"],
  ["hono", "hono"],
  ["fastify", "fastify"],
  ["koa", "koa"],
  ["express", "express"],
];

export function frameworkOf({ packages }: Project): Framework {
  return frameworkPackages.find(([name]) => packages.has(name))?.[1] ?? "node";
}

export const clients = [
  "prisma",
  "drizzle",
  "knex",
  "kysely",
  "typeorm",
  "sequelize",
  "mikro-orm",
  "pg",
  "postgres",
  "mysql2",
  "better-sqlite3",
  "mongodb",
  "none",
] as const;
export type DatabaseClient = (typeof clients)[number];

/** An ORM comes before the driver that it runs on. */
const clientPackages: readonly (readonly [string, DatabaseClient])[] = [
  ["@prisma/client", "prisma"],
  ["prisma", "prisma"],
  ["drizzle-orm", "drizzle"],
  ["@mikro-orm/core", "mikro-orm"],
  ["knex", "knex"],
  ["kysely", "kysely"],
  ["typeorm", "typeorm"],
  ["sequelize", "sequelize"],
  ["pg", "pg"],
  ["postgres", "postgres"],
  ["mysql2", "mysql2"],
  ["better-sqlite3", "better-sqlite3"],
  ["mongodb", "mongodb"],
  ["mongoose", "mongodb"],
];

export function clientOf({ packages }: Project): DatabaseClient {
  return clientPackages.find(([name]) => packages.has(name))?.[1] ?? "none";
}

export type PackageManager = "npm" | "pnpm" | "yarn" | "bun";

const lockFiles: readonly (readonly [string, PackageManager])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
];

export function packageManagerOf(project: Project): PackageManager {
  return lockFiles.find(([file]) => project.has(file))?.[1] ?? "npm";
}

/** Packages that hash passwords. The app's sign-in uses one of them, and must be able to verify what a reset stores. */
const hashers = ["@node-rs/argon2", "argon2", "@node-rs/bcrypt", "bcrypt", "bcryptjs"] as const;
export type Hasher = (typeof hashers)[number] | "scrypt";

export function hasherOf({ packages }: Project): Hasher {
  return hashers.find((name) => packages.has(name)) ?? "scrypt";
}

/** The file that starts the server, if it has a common name. */
export function entryOf(project: Project): string | undefined {
  const names = ["app", "server", "index", "main"];
  const paths = ["src/", ""].flatMap((folder) =>
    names.flatMap((name) => ["ts", "mts", "js", "mjs", "cjs"].map((ending) => `${folder}${name}.${ending}`)),
  );
  return paths.find((path) => project.has(path));
}

const sourceFolders = ["src", "lib", "app", "server", "db", "database", "config", "."];
const sourceFile = /\.(?:ts|mts|js|mjs)$/;
const notOurs = /(?:^|[\\/])(?:node_modules|dist|build|generated|\.[^./\\][^\\/]*)(?:[\\/]|$)/;

/** Paths of the application's own sources, relative to the folder. Limited, so that a monorepo isn't read as a whole. */
export function sourcesOf(project: Project): readonly string[] {
  const found = new Set<string>();
  for (const folder of sourceFolders.filter((name) => name === "." || project.has(name))) {
    const names = readdirSync(join(project.folder, folder), { recursive: folder !== "." }) as string[];
    for (const name of names) {
      const path = folder === "." ? name : `${folder}/${name.replaceAll("\\", "/")}`;
      if (sourceFile.test(path) && !path.endsWith(".d.ts") && !notOurs.test(path)) found.add(path);
      if (found.size >= 500) return [...found];
    }
  }
  return [...found];
}

export interface Exported {
  readonly path: string;
  readonly name: string;
}

/** A database client that the application already exports: `export const db = drizzle(…)`. */
export function exportedClient(project: Project, made: RegExp): Exported | undefined {
  const pattern = new RegExp(
    `^export const (\\w+)(?:: [^=\\n]+)? = (?:[^;\\n]*\\?\\?=?\\s*)?${made.source}`,
    "m",
  );
  for (const path of sourcesOf(project)) {
    const name = pattern.exec(project.read(path))?.[1];
    if (name) return { path, name };
  }
  return undefined;
}
