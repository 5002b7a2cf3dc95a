/**
 * The table of django-rest-passwordreset, as its migrations create it: `id`, `created_at`, `key`, `ip_address`,
 * `user_agent`, `user_id`.
 *
 * @module
 */
import type { SqlConnection, SqlDialect, SqlValue, UserId } from "../../ports.js";
import { grammars } from "../../sql/grammar.js";

export interface DrpRow {
  /** As the driver returns it. */
  readonly userId: unknown;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface DrpTable {
  find(key: string): Promise<DrpRow | null>;
  /** Removes one token: true for exactly one caller. */
  remove(key: string, handle?: unknown): Promise<boolean>;
  /** Removes an account's tokens; with `before`, only those made until then. */
  removeByUser(id: UserId, before?: number, handle?: unknown): Promise<void>;
}

export interface DrpTableOptions {
  readonly name: readonly string[];
  /** How far the site's times are ahead of UTC, in milliseconds. */
  readonly offset: number;
  /** An id as the column stores it. */
  toColumn(id: UserId): SqlValue;
}

export function createDrpTable(
  connection: SqlConnection,
  { name, offset, toColumn }: DrpTableOptions,
): DrpTable {
  const { placeholder, quoted } = grammars[connection.dialect];
  const table = name.map(quoted).join(".");
  // `key` is a reserved word in MySQL.
  const [key, createdAt] = [quoted("key"), millisecondsOf[connection.dialect]];
  const [first, second] = [placeholder(1, false), placeholder(2, false)];
  const run = async (text: string, values: readonly SqlValue[], handle?: unknown) =>
    (await connection.query({ text, rows: false }, values, handle)).changes;

  return {
    async find(token) {
      const text = `select ${key} as token, user_id as userid, ${createdAt} as createdat from ${table} where ${key} = ${first}`;
      const { rows } = await connection.query({ text, rows: true }, [token]);
      // MySQL's collations find other spellings, too.
      const row = rows.find((one) => one["token"] === token);
      return row ? { userId: row["userid"], createdAt: Number(row["createdat"]) - offset } : null;
    },

    remove: async (token, handle) =>
      (await run(`delete from ${table} where ${key} = ${first}`, [token], handle)) === 1,

    async removeByUser(id, before, handle) {
      const text = `delete from ${table} where user_id = ${first}`;
      const until = before === undefined ? [] : [before + offset];
      const more = until.length > 0 ? ` and ${createdAt} <= ${second}` : "";
      await run(text + more, [toColumn(id), ...until], handle);
    },
  };
}

/** `created_at` in milliseconds since 1970. SQLite has it as text, and MySQL's has no time zone. */
const millisecondsOf: Readonly<Record<SqlDialect, string>> = {
  sqlite: "cast(round((julianday(created_at) - 2440587.5) * 86400000) as integer)",
  postgres: "cast(floor(extract(epoch from created_at) * 1000) as bigint)",
  mysql: "timestampdiff(microsecond, '1970-01-01', created_at) div 1000",
};
