import type { SqlDialect, SqlValue } from "../../ports.js";
import { grammars } from "../../sql/grammar.js";

/** A value on its way into a statement. A driver takes more than the SQL store needs. */
export type Given = SqlValue | bigint | boolean | Date | undefined;

/** A statement that is being written: text with a placeholder where a value was given. */
export interface Writer {
  readonly dialect: SqlDialect;
  /** The name of a table or a column; of a table, with its schema. */
  name(...parts: readonly string[]): string;
  /** The placeholder for a value, which is sent along. */
  value(value: Given): string;
  /** A column as text, so that no driver's type loses a digit of it. */
  asText(column: string): string;
  /** Bytes as text, in hexadecimal digits. */
  asHex(column: string): string;
  /** Whether a column's text, from `asText` or `asHex`, is what it was. Null equals null, and no collation is asked. */
  isStill(asText: string, text: string | null): string;
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
  return {
    ...writersOf[dialect](value),
    dialect,
    name: (...parts) => parts.map(quoted).join("."),
    value,
    values,
  };
}

type Differing = Pick<Writer, "asText" | "asHex" | "isStill" | "isNamed" | "forUpdate">;

const writersOf: Readonly<Record<SqlDialect, (value: Writer["value"]) => Differing>> = {
  sqlite: (value) => ({
    asText: (column) => `cast(${column} as text)`,
    // hex(null) is an empty text here.
    asHex: (column) => `nullif(hex(${column}), '')`,
    isStill: (asText, text) => `${asText} is ${value(text)}`,
    isNamed: (column, typed) => `${column} = ${value(typed)} collate nocase`,
    forUpdate: "",
  }),
  postgres: (value) => {
    const asText = (column: string) => `cast(${column} as text)`;
    return {
      asText,
      asHex: (column) => `encode(${column}, 'hex')`,
      isStill: (asText, text) => `${asText} collate "C" is not distinct from ${value(text)}`,
      isNamed: (column, typed) => `lower(${asText(column)}) = lower(${value(typed)})`,
      forUpdate: " for update",
    };
  },
  mysql: (value) => ({
    asText: (column) => `cast(${column} as char)`,
    asHex: (column) => `hex(${column})`,
    isStill: (asText, text) => `cast(${asText} as binary) <=> cast(${value(text)} as binary)`,
    // `lower(column)` would use no index. The collation of most columns takes both for the same anyway.
    isNamed: (column, typed) => `${column} in (${value(typed)}, lower(${value(typed)}))`,
    forUpdate: " for update",
  }),
};

/** Drivers of SQLite and MySQL have no booleans; times are written in UTC, since drivers disagree on their zone. */
function sendable(given: Given, dialect: SqlDialect): SqlValue {
  if (given === undefined) return null;
  if (typeof given === "boolean" && dialect !== "postgres") return Number(given);
  if (!(given instanceof Date)) return given as SqlValue;
  const text = given.toISOString();
  return dialect === "mysql" ? text.slice(0, -1).replace("T", " ") : text;
}
