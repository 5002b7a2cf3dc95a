import { UsageError } from "../check-options.js";

/**
 * A table's or a column's name, checked. Statements pass through drivers and ORMs that look for placeholders in them,
 * so not every name that a server accepts is safe.
 */
export function checkedName(name: unknown, option: string): string {
  if (typeof name === "string" && /^[\p{L}\p{N}_ -]{1,64}$/u.test(name)) return name;
  throw new UsageError(
    `${option} is ${JSON.stringify(name)}. Use the name as the database spells it, of at most 64 letters, digits, spaces, _ and -.`,
  );
}

/** `"users"`, or `"schema.users"`: its parts. */
export function checkedTable(name: unknown, option: string): readonly string[] {
  const parts = typeof name === "string" ? name.split(".") : [name];
  if (parts.length > 2) {
    throw new UsageError(`${option} is ${JSON.stringify(name)}. Use "table" or "schema.table".`);
  }
  return parts.map((part) => checkedName(part, option));
}
