/**
 * SQLSTATE class 42 is "syntax error or access rule violation"; these two codes depend on the server, not on the code.
 */
const serverDependent = new Set([
  "42P05", // PostgreSQL: a pooler handed out a session with another client's prepared statement
  "42501", // PostgreSQL: insufficient privilege
]);

/** MySQL reports missing privileges under SQLSTATE 42000, too. */
const missingPrivilege = new Set([1044, 1142, 1143, 1227, 1370]);

const wording =
  /^Cannot (read|set|convert|destructure|access)|\bis not (a function|iterable|a constructor|defined|an object)\b|^(undefined|null) is not\b/;

/**
 * Whether an error is a mistake in code that a retry can't fix: a name that isn't defined, a property of `undefined`, a
 * statement that the database can't parse, a column that isn't there.
 *
 * A `TypeError` alone isn't a sign of one: every failed `fetch` rejects with it, and so do drivers.
 */
export function isProgrammingError(error: unknown, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > 4) return false;
  if (error instanceof ReferenceError) return true;
  const { code, sqlState, errno, message, cause } = error as Record<string, unknown>;
  if (error instanceof TypeError && wording.test(String(message))) return true;
  if (isStatementError(code) || (isStatementError(sqlState) && !missingPrivilege.has(Number(errno))))
    return true;
  if (code === "SQLITE_ERROR" && /^(no such (table|column)|near )/.test(String(message))) return true;
  return isProgrammingError(cause, depth + 1);
}

function isStatementError(code: unknown): boolean {
  return typeof code === "string" && /^42[0-9A-Z]{3}$/.test(code) && !serverDependent.has(code);
}
