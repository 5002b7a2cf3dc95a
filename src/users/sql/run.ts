import type { SqlConnection, SqlResult } from "../../ports.js";
import type { Writer } from "./statements.js";

export type Run = (writer: Writer, text: string, rows: boolean, handle?: unknown) => Promise<SqlResult>;

/** Runs statements. If one fails, `check` can report a wrong name with its fix. */
export function runnerOn(connection: SqlConnection, check: () => Promise<void>): Run {
  return async (writer, text, rows, handle) => {
    try {
      return await connection.query({ text, rows }, writer.values, handle);
    } catch (error) {
      // After an error inside a transaction, further queries fail too.
      if (handle === undefined) await check();
      throw error;
    }
  };
}

/** MySQL and MariaDB may return text as bytes. */
export function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}
