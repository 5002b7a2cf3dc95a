/**
 * How SQLite, PostgreSQL, and MySQL or MariaDB differ in every statement, whatever it's about.
 *
 * @module
 */
import { hex } from "../crypto/encoding.js";
import type { SqlDialect, SqlValue } from "../ports.js";

export interface Grammar {
  readonly name: SqlDialect;
  /** The nth placeholder; for bytes it may say how they arrive. */
  placeholder(n: number, isBytes: boolean): string;
  /** A value as the placeholder takes it. */
  value(value: SqlValue): SqlValue;
  /** A name as an identifier that is taken literally. */
  quoted(name: string): string;
}

const inDoubleQuotes = (name: string) => `"${name.replaceAll('"', '""')}"`;

export const grammars: Readonly<Record<SqlDialect, Grammar>> = {
  sqlite: { name: "sqlite", placeholder: () => "?", value: (value) => value, quoted: inDoubleQuotes },
  postgres: {
    name: "postgres",
    placeholder: (n) => `$${n}`,
    value: (value) => value,
    quoted: inDoubleQuotes,
  },
  // Drivers send a Uint8Array as a string of the connection's character set, if they know it at all.
  // Hexadecimal digits survive every driver and both of the server's protocols.
  mysql: {
    name: "mysql",
    placeholder: (_, isBytes) => (isBytes ? "unhex(?)" : "?"),
    value: (value) => (value instanceof Uint8Array ? hex(value) : value),
    quoted: (name) => `\`${name.replaceAll("`", "``")}\``,
  },
};
