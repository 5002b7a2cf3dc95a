/**
 * Every statement that the SQL store runs, once. `?` stands for a value, `?b` for bytes.
 *
 * Columns get names without underscores on their way out, so that no plug-in that turns `user_id` into
 * `userId` (Kysely, Knex, postgres.js) changes them.
 *
 * @module
 */
import type { SqlStatement } from "../../types.js";
import type { Dialect } from "./dialects.js";

export type Statements = ReturnType<typeof statementsFor>;

const row =
  "lookup, proof, code_lookup as codelookup, code_proof as codeproof, code_expires_at as codeexpiresat, scope, " +
  "user_id as userid, created_at as createdat, expires_at as expiresat, delivery, leased_until as leaseduntil, ip, " +
  "user_agent as useragent";

export function statementsFor(dialect: Dialect, prefix: string) {
  const tokens = `${prefix}tokens`;
  const counters = `${prefix}counters`;
  const queue = `${prefix}queue`;

  const statement = (name: string, rows: boolean, text: string): SqlStatement => ({
    name: `${prefix}${name}`,
    rows,
    text: withPlaceholders(dialect, text),
  });
  const read = (name: string, text: string) => statement(name, true, text);
  const write = (name: string, text: string) => statement(name, false, text);

  const { given } = dialect;
  const hit =
    `insert into ${counters} (id, hits, reset_at) values (?b, ?, ?) ${dialect.onExisting("id")} ` +
    `hits = case when ${counters}.reset_at <= ? then 0 else ${counters}.hits end + ${given("hits")}, ` +
    `reset_at = case when ${counters}.reset_at <= ? then ${given("reset_at")} else ${counters}.reset_at end`;
  const window = "hits, reset_at as resetat";

  return {
    accountRows: read(
      "account_rows",
      "select slot, lookup, code_lookup as codelookup, created_at as createdat, expires_at as expiresat, delivery " +
        `from ${tokens} where scope = ? and user_id = ?`,
    ),
    insertToken: write(
      "insert_token",
      `insert into ${tokens} (lookup, proof, code_lookup, code_proof, code_expires_at, scope, user_id, created_at, ` +
        "expires_at, delivery, leased_until, ip, user_agent, slot) " +
        `values (?b, ?b, ?b, ?b, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)${dialect.orNothing}`,
    ),
    // Compare-and-set on what made the old row give way.
    replaceToken: write(
      "replace_token",
      `update ${tokens} set lookup = ?b, proof = ?b, code_lookup = ?b, code_proof = ?b, code_expires_at = ?, ` +
        "scope = ?, user_id = ?, created_at = ?, expires_at = ?, delivery = ?, leased_until = ?, ip = ?, " +
        "user_agent = ? where lookup = ?b and delivery = ?",
    ),
    taken: read("taken", `select 1 as found from ${tokens} where lookup = ?b or code_lookup = ?b limit 1`),
    findToken: read(
      "find_token",
      `select ${row} from ${tokens} where lookup = ?b union all select ${row} from ${tokens} where code_lookup = ?b limit 1`,
    ),
    findLink: read(
      "find_link",
      `select proof, scope, user_id as userid, expires_at as expiresat from ${tokens} where lookup = ?b`,
    ),
    findCode: read("find_code", `select ${row} from ${tokens} where code_lookup = ?b`),
    deliver: write("deliver", `update ${tokens} set delivery = ? where lookup = ?b`),
    liveTokens: read(
      "live_tokens",
      `select ${row} from ${tokens} where scope = ? and user_id = ? and expires_at > ? order by created_at, lookup`,
    ),
    // Drivers count matched rows or changed rows; a condition that its own change undoes is the same in both.
    leaseToken: write(
      "lease_token",
      `update ${tokens} set leased_until = ? where lookup = ?b and leased_until <= ?`,
    ),
    releaseToken: write(
      "release_token",
      `update ${tokens} set leased_until = 0 where lookup = ?b and leased_until = ?`,
    ),
    finishToken: write("finish_token", `delete from ${tokens} where lookup = ?b`),
    finishLeased: write("finish_leased", `delete from ${tokens} where lookup = ?b and leased_until = ?`),
    removeByUser: write("remove_by_user", `delete from ${tokens} where scope = ? and user_id = ?`),
    removeTokens: write(
      "remove_tokens",
      dialect.deleteSome(tokens, "lookup", "expires_at < ?", "expires_at"),
    ),
    listTokens: read("list_tokens", `select ${row} from ${tokens} where lookup > ?b order by lookup limit ?`),

    hit: write("hit", hit),
    hitReturning: read("hit_returning", `${hit} returning ${window}`),
    look: read("look", `select ${window} from ${counters} where id = ?b and reset_at > ?`),
    refund: statement(
      "refund",
      dialect.updateReturns,
      `update ${counters} set hits = case when hits > ? then hits - ? else 0 end where id = ?b and reset_at > ?` +
        (dialect.updateReturns ? ` returning ${window}` : ""),
    ),
    removeCounters: write("remove_counters", dialect.deleteSome(counters, "id", "reset_at < ?", "reset_at")),

    addEntry: write("add_entry", `insert into ${queue} (id, sealed, added_at, due_at) values (?, ?b, ?, ?)`),
    leaseEntries: dialect.leaseSome && read("lease_entries", dialect.leaseSome(queue)),
    dueEntries: read(
      "due_entries",
      `select id, sealed, added_at as addedat, due_at as dueat from ${queue} where due_at <= ? order by due_at, id limit ?`,
    ),
    leaseEntry: write("lease_entry", `update ${queue} set due_at = ? where id = ? and due_at = ?`),
    retryEntry: write("retry_entry", `update ${queue} set due_at = ? where id = ?`),
    doneEntry: write("done_entry", `delete from ${queue} where id = ?`),
    removeEntries: write("remove_entries", dialect.deleteSome(queue, "id", "added_at < ?", "added_at")),
  };
}

export function withPlaceholders(dialect: Dialect, text: string): string {
  let n = 0;
  return text.replace(/\?(b?)/g, (_, bytes) => dialect.placeholder(++n, bytes === "b"));
}
