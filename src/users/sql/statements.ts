import type { SqlDialect, SqlValue } from "../../ports.js";
import { grammars } from "../../sql/grammar.js";

/** A value for a statement. Drivers accept more types than the SQL store needs. */
export type Given = SqlValue | bigint | boolean | Date | undefined;

/** A statement that's being written, with a placeholder for each value. */
export interface Writer {
  readonly dialect: SqlDialect;
  /** The quoted name of a table or a column, qualified with the preceding parts. */
  name(...parts: readonly string[]): string;
  /** Adds a value and returns its placeholder. */
  value(value: Given): string;
  /** A column cast to text, so that no driver's type loses precision. */
  asText(column: string): string;
  /** A column's bytes as hexadecimal text. */
  asHex(column: string): string;
  /** Whether a column's text, from `asText` or `asHex`, is unchanged. Null equals null, and collations don't apply. */
  isStill(asText: string, text: string | null): string;
  /** Whether a column equals what was typed, ignoring case. The engine compares again. */
  isNamed(column: string, typed: string): string;
  /** Ends a select that locks its rows for an update. */
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
    // In SQLite, hex(null) is an empty string.
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
    // `lower(column)` can't use an index. Most columns have a case-insensitive collation anyway.
    isNamed: (column, typed) => `${column} in (${value(typed)}, lower(${value(typed)}))`,
    forUpdate: " for update",
  }),
};

/** SQLite and MySQL drivers have no booleans. Dates are written as text in UTC, since drivers disagree on the time zone. */
function sendable(given: Given, dialect: SqlDialect): SqlValue {
  if (given === undefined) return null;
  if (typeof given === "boolean" && dialect !== "postgres") return Number(given);
  if (!(given instanceof Date)) return given as SqlValue;
  const text = given.toISOString();
  return dialect === "mysql" ? text.slice(0, -1).replace("T", " ") : text;
}
