/**
 * What the errors of drivers and ORMs mean, whichever of them is used.
 *
 * @module
 */

// The code is on the error itself, or on the driver's error that an ORM wrapped, as a string or as a number.
const transient = new Set([
  "40001", // PostgreSQL: serialization failure
  "40P01", // PostgreSQL: deadlock
  // PostgreSQL: a pooler lost a prepared statement. The connection doesn't prepare the next attempt.
  "26000",
  "42P05",
  "SQLITE_BUSY",
  "SQLITE_BUSY_SNAPSHOT",
  "SQLITE_BUSY_RECOVERY",
  "5", // SQLITE_BUSY in node:sqlite, with its extended forms
  "261",
  "517",
  "1213", // MySQL: deadlock
  "1205", // MySQL: lock wait timeout
  "1020", // MariaDB: the row has changed since the snapshot
  "P2034", // Prisma: write conflict or deadlock
]);

const duplicate = new Set([
  "23505", // PostgreSQL
  "1062", // MySQL
  "SQLITE_CONSTRAINT_UNIQUE",
  "SQLITE_CONSTRAINT_PRIMARYKEY",
  "2067", // the same two in node:sqlite
  "1555",
  "P2002", // Prisma
]);

/** Whether the database gave up for a transient reason: a retry may succeed. */
export function isTransient(error: unknown): boolean {
  return codesOf(error).some((code) => transient.has(code));
}

/** Whether a unique key already exists. */
export function isDuplicate(error: unknown): boolean {
  return (
    codesOf(error).some((code) => duplicate.has(code)) || /UNIQUE constraint failed/.test(messageOf(error))
  );
}

/** Whether a column that was to be added already exists. PostgreSQL has its own syntax that avoids the error. */
export function isExistingColumn(error: unknown): boolean {
  return codesOf(error).includes("1060") || /duplicate column name/i.test(messageOf(error));
}

function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > 4) return [];
  const { code, errno, errcode, originalCode, cause, driverError, meta, driverAdapterError } =
    error as Record<string, unknown>;
  const inner = [cause, driverError, meta, driverAdapterError];
  return [
    ...[code, errno, errcode, originalCode].map(String),
    ...inner.flatMap((one) => codesOf(one, depth + 1)),
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
