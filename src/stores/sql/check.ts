import type { SqlConnection } from "../../ports.js";
import type { Database } from "./database.js";
import { dialects, isMariaDb, oldest } from "./dialects.js";
import { appliedVersion, latest } from "./schema.js";
import type { Tables } from "./tables.js";

/** Rejects, with an error that ends with the fix, if the server is too old or the tables aren't right. */
export async function sqlCheck(db: Database, tables: Tables): Promise<void> {
  const version = await db.serverVersion();
  const server = isMariaDb(version) ? oldest.mariadb : oldest[db.connection.dialect];
  if (isOlder(version, server.version)) {
    throw new Error(`${server.name} ${version} is too old. Use ${server.version} or newer.`);
  }
  const applied = await appliedVersion(db.connection, tables);
  if (applied === latest) return;
  const name = `The tables ${tables.prefix}*`;
  if (applied > latest) {
    throw new Error(
      `${name} are at version ${applied}, but this version of resetkit only knows ${latest}. Install the newer version that created them.`,
    );
  }
  const state = applied > 0 ? `are at version ${applied} of ${latest}` : await whereMissing(db, tables);
  throw new Error(
    `${name} ${state}. Run "npx resetkit migrate", or migrate(connection) of resetkit/stores/sql.`,
  );
}

/** With schemas, tables may exist, but in the wrong one. */
async function whereMissing({ connection }: Database, { schema }: Tables): Promise<string> {
  const { currentSchema } = dialects[connection.dialect];
  if (schema !== undefined) return `are missing in "${schema}"`;
  if (!currentSchema) return "are missing";
  const { rows } = await connection.query({ text: currentSchema, rows: true }, []);
  return `are missing in the current schema "${String(rows[0]?.name)}" (option \`schema\` names another one)`;
}

/** Asks the server for its version once; a failure isn't remembered. */
export function serverVersionOf(connection: SqlConnection): () => Promise<string> {
  let version: Promise<string> | undefined;
  return () =>
    (version ??= ask(connection).catch((error: unknown) => {
      version = undefined;
      throw error;
    }));
}

/** Milliseconds since 1970, by the database's clock. */
export async function serverTime(connection: SqlConnection, text: string): Promise<number> {
  const { rows } = await connection.query({ text, rows: true }, []);
  return Number(rows[0]?.now);
}

async function ask(connection: SqlConnection): Promise<string> {
  const { serverVersion } = dialects[connection.dialect];
  const { rows } = await connection.query({ text: serverVersion, rows: true }, []);
  return String(rows[0]?.version);
}

/**
 * Compares the numbers that both versions begin with. MariaDB's may follow the prefix `5.5.5-`, which old clients
 * needed.
 */
function isOlder(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version
    .replace(/^5\.5\.5-/, "")
    .split(/[.\s-]/)
    .map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
