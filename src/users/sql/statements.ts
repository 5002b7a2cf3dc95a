import type { SqlDialect, SqlValue } from "../../ports.js";
import { grammars } from "../../sql/grammar.js";

/** A value on its way into a statement. A driver takes more than the SQL store needs. */
export type Given = SqlValue | bigint | boolean | Date | undefined;

/** A statement that is being written: text with a placeholder where a value was given. */
export interface Writer {
  /** The name of a table or a column; of a table, with its schema. */
  name(...parts: readonly string[]): string;
  /** The placeholder for a value, which is sent along. */
  value(value: Given): string;
  /** A column as text, so that no driver's type loses a digit of it. */
  asText(column: string): string;
  /** Whether a column, as text, is what it was. Null equals null, and no collation is asked. */
  isStill(column: string, text: string | null): string;
  /** Whether a column is what was typed, in large letters or small. The engine compares again. */
  isNamed(column: string, typed: string): string;
  /** Ends a select whose row is about to be changed. */
  readonly forUpdate: string;
  readonly values: SqlValue[];
}

export function createWriter(dialect: SqlDialect): Writer {
  const { placeholder, value: toSend, quoted } = grammars[dialect];
  const values: SqlValue[] = [];
  const value = (given: Given) => {
    const sent = sendable(given, dialect);
    values.push(toSend(sent));
    return placeholder(values.length, sent instanceof Uint8Array);
  };
  return { ...writersOf[dialect](value), name: (...parts) => parts.map(quoted).join("."), value, values };
}

type Differing = Pick<Writer, "asText" | "isStill" | "isNamed" | "forUpdate">;

const writersOf: Readonly<Record<SqlDialect, (value: Writer["value"]) => Differing>> = {
  sqlite: (value) => {
    const asText = (column: string) => `cast(${column} as text)`;
    return {
      asText,
      isStill: (column, text) => `${asText(column)} is ${value(text)}`,
      isNamed: (column, typed) => `${column} = ${value(typed)} collate nocase`,
      forUpdate: "",
    };
  },
  postgres: (value) => {
    const asText = (column: string) => `cast(${column} as text)`;
    return {
      asText,
      isStill: (column, text) => `${asText(column)} collate "C" is not distinct from ${value(text)}`,
      isNamed: (column, typed) => `lower(${asText(column)}) = lower(${value(typed)})`,
      forUpdate: " for update",
    };
  },
  mysql: (value) => {
    const asText = (column: string) => `cast(${column} as char)`;
    return {
      asText,
      isStill: (column, text) => `cast(${asText(column)} as binary) <=> cast(${value(text)} as binary)`,
      // `lower(column)` would use no index. The collation of most columns takes both for the same anyway.
      isNamed: (column, typed) => `${column} in (${value(typed)}, lower(${value(typed)}))`,
      forUpdate: " for update",
    };
  },
};

/** Drivers of SQLite and MySQL have no booleans; times are written in UTC, since drivers disagree on their zone. */
function sendable(given: Given, dialect: SqlDialect): SqlValue {
  if (given === undefined) return null;
  if (typeof given === "boolean" && dialect !== "postgres") return Number(given);
  if (!(given instanceof Date)) return given as SqlValue;
  const text = given.toISOString();
  return dialect === "mysql" ? text.slice(0, -1).replace("T", " ") : text;
}
