import type { SqlConnection } from "../../types.js";
import type { Database } from "../sql.js";
import { dialects, isMariaDb, oldest } from "./dialects.js";
import { appliedVersion, latest } from "./schema.js";

/** Rejects, in a sentence that ends with the fix, where the server is too old or the tables are not right. */
export async function sqlCheck(db: Database, prefix: string): Promise<void> {
  const version = await db.serverVersion();
  const server = isMariaDb(version) ? oldest.mariadb : oldest[db.connection.dialect];
  if (isOlder(version, server.version)) {
    throw new Error(
      `${server.name} ${version} is older than resetkit's statements need: use ${server.version} or newer.`,
    );
  }
  const applied = await appliedVersion(db.connection, prefix);
  if (applied > latest) {
    throw new Error(
      `The tables ${prefix}* are at version ${applied}, and this resetkit knows ${latest}: install the newer resetkit that made them.`,
    );
  }
  if (applied < latest) {
    const state = applied === 0 ? "are missing" : `are at version ${applied} of ${latest}`;
    throw new Error(
      `The tables ${prefix}* ${state}: run "npx resetkit migrate", or migrate(connection) of resetkit/stores/sql.`,
    );
  }
}

/** Asks the server for its version once; a failure is not remembered. */
export function serverVersionOf(connection: SqlConnection): () => Promise<string> {
  let version: Promise<string> | undefined;
  return () =>
    (version ??= ask(connection).catch((error: unknown) => {
      version = undefined;
      throw error;
    }));
}

async function ask(connection: SqlConnection): Promise<string> {
  const { serverVersion } = dialects[connection.dialect];
  const { rows } = await connection.query({ text: serverVersion, rows: true }, []);
  return String(rows[0]?.version);
}

/** Compares the numbers that both versions begin with. MariaDB's may stand behind `5.5.5-`, an old disguise. */
function isOlder(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version
    .replace(/^5\.5\.5-/, "")
    .split(/[.\s-]/)
    .map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
