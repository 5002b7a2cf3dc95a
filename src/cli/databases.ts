import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { betterSqlite3 } from "../connections/better-sqlite3.js";
import { mysql2 } from "../connections/mysql2.js";
import { nodeSqlite } from "../connections/node-sqlite.js";
import { pg } from "../connections/pg.js";
import { postgresJs } from "../connections/postgres-js.js";
import type { SqlConnection } from "../types.js";
import { UsageError } from "./terminal.js";

/** A connection that was opened by URL, and the schema that the URL names. */
export interface Opened {
  readonly connection: SqlConnection;
  readonly schema: string | undefined;
  close(): Promise<unknown>;
}

interface Driver {
  /** The package, or one of Node's modules. */
  readonly name: string;
  open(module: unknown, url: string): { readonly connection: SqlConnection; close(): unknown };
}

type Kind = "postgres" | "mysql" | "file";

/** The drivers for each kind of URL. The first one that the project has is used. */
const drivers: Readonly<Record<Kind, readonly Driver[]>> = {
  postgres: [
    {
      name: "pg",
      open({ Pool, default: packaged }, connectionString) {
        const pool = new (Pool ?? packaged.Pool)({ connectionString, max: 1 });
        return { connection: pg(pool), close: () => pool.end() };
      },
    },
    {
      name: "postgres",
      open({ default: postgres }, url) {
        const sql = postgres(url, { max: 1, onnotice: () => undefined });
        return { connection: postgresJs(sql), close: () => sql.end() };
      },
    },
  ],
  mysql: [
    {
      name: "mysql2/promise",
      open({ createPool, default: packaged }, uri) {
        const pool = (createPool ?? packaged.createPool)({ uri, connectionLimit: 1 });
        return { connection: mysql2(pool), close: () => pool.end() };
      },
    },
  ],
  file: [
    {
      name: "better-sqlite3",
      open({ default: Database }, url) {
        const db = new Database(pathOf(url));
        return { connection: betterSqlite3(db), close: () => db.close() };
      },
    },
    {
      name: "node:sqlite",
      open({ DatabaseSync }, url) {
        const db = new DatabaseSync(pathOf(url));
        return { connection: nodeSqlite(db), close: () => db.close() };
      },
    },
  ],
};

const kinds: Readonly<Record<string, Kind>> = {
  "postgres:": "postgres",
  "postgresql:": "postgres",
  "mysql:": "mysql",
  "mariadb:": "mysql",
  "file:": "file",
  "sqlite:": "file",
};

/** Opens a database by its URL, with a driver that the project in `folder` has. */
export async function openByUrl(given: string, folder: string): Promise<Opened> {
  const kind = kinds[/^[a-z]+:/.exec(given)?.[0] ?? ""];
  if (!kind) {
    throw new UsageError(
      "--url must begin with postgres:, mysql:, or file:, such as postgres://user@localhost/app or file:app.db.",
    );
  }
  const url = given.replace(/^mariadb:/, "mysql:");
  const require = createRequire(join(folder, "package.json"));
  for (const { name, open } of drivers[kind]) {
    const module = await load(name, require);
    if (!module) continue;
    const { connection, close } = open(module, kind === "file" ? inFolder(url, folder) : url);
    return { connection, schema: schemaIn(url, kind), close: async () => close() };
  }
  const names = drivers[kind].map(({ name }) => name.split("/")[0]).filter((name) => name !== "node:sqlite");
  throw new UsageError(`There's no driver for ${kind}: URLs here. Install one: npm install ${names[0]}`);
}

async function load(name: string, require: NodeJS.Require): Promise<unknown> {
  try {
    return await import(name.startsWith("node:") ? name : pathToFileURL(require.resolve(name)).href);
  } catch (error) {
    const { code = "" } = error as { code?: string };
    if (/NOT_FOUND|UNKNOWN_BUILTIN/.test(code)) return undefined;
    throw error;
  }
}

/** Prisma puts the schema into the URL, where drivers ignore it. */
function schemaIn(url: string, kind: Kind): string | undefined {
  const schema = kind === "postgres" && URL.canParse(url) ? new URL(url).searchParams.get("schema") : null;
  return schema ?? undefined;
}

/** `file:app.db` and `file:./app.db` are in the folder, `file:/srv/app.db` and `file:///srv/app.db` aren't. */
function inFolder(url: string, folder: string): string {
  return new URL(url.replace(/^sqlite:(\/\/(?!\/))?/, "file:"), `${pathToFileURL(folder).href}/`).href;
}

function pathOf(url: string): string {
  return fileURLToPath(url);
}
