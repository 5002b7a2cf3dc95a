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

/** A table's name, after its schema's if it has one. */
export type TablePath = readonly [own: string] | readonly [schema: string, own: string];

/** The name without the schema, which qualifies the table's columns in a statement. */
export function ownName([first, second = first]: TablePath): string {
  return second;
}

/** `"users"`, or `"schema.users"`: its parts. */
export function checkedTable(name: unknown, option: string): TablePath {
  const [first, second, ...more] = typeof name === "string" ? name.split(".") : [name];
  if (more.length > 0) {
    throw new UsageError(`${option} is ${JSON.stringify(name)}. Use "table" or "schema.table".`);
  }
  const own = checkedName(first, option);
  return second === undefined ? [own] : [own, checkedName(second, option)];
}
