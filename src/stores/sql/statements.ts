/**
 * Every statement that the SQL store runs, once. `?` stands for a value, `?b` for bytes.
 *
 * Columns are returned under names without underscores, so that no plugin that turns `user_id` into `userId` (Kysely,
 * Knex, postgres.js) changes them.
 *
 * @module
 */
import type { SqlStatement } from "../../ports.js";
import type { Dialect } from "./dialects.js";
import type { Tables } from "./tables.js";

export type Statements = ReturnType<typeof statementsFor>;

const row =
  "lookup, proof, code_lookup as codelookup, code_proof as codeproof, code_expires_at as codeexpiresat, scope, " +
  "user_id as userid, created_at as createdat, expires_at as expiresat, delivery, leased_until as leaseduntil, ip, " +
  "user_agent as useragent, slot";

/** What the rule of `put` reads. */
const candidate = (of: string) =>
  `${of}slot, ${of}lookup, ${of}code_lookup as codelookup, ${of}created_at as createdat, ` +
  `${of}expires_at as expiresat, ${of}delivery`;

/**
 * A session may hold many schemas' statements, and PostgreSQL accepts names of up to 63 bytes: a statement with a
 * longer one isn't prepared.
 */
const longestName = 63;

export function statementsFor(dialect: Dialect, { prefix, schema, named }: Tables) {
  const tokens = named("tokens");
  const counters = named("counters");
  const queue = named("queue");
  const { leaseSome } = dialect;

  const statement = (name: string, rows: boolean, text: string): SqlStatement => {
    const full = `${schema === undefined ? "" : `${schema}.`}${prefix}${name}`;
    return {
      name: full.length <= longestName ? full : undefined,
      rows,
      text: withPlaceholders(dialect, text),
    };
  };
  const read = (name: string, text: string) => statement(name, true, text);
  const write = (name: string, text: string) => statement(name, false, text);

  const { given } = dialect;
  const hit =
    `insert into ${counters} (id, hits, reset_at) values (?b, ?, ?) ${dialect.onExisting("id")} ` +
    `hits = case when ${counters}.reset_at <= ? then 0 else ${counters}.hits end + ${given("hits")}, ` +
    `reset_at = case when ${counters}.reset_at <= ? then ${given("reset_at")} else ${counters}.reset_at end`;
  const window = "hits, reset_at as resetat";
  const replaced =
    `update ${tokens} set lookup = ?b, proof = ?b, code_lookup = ?b, code_proof = ?b, code_expires_at = ?, ` +
    "scope = ?, user_id = ?, created_at = ?, expires_at = ?, delivery = ?, leased_until = ?, ip = ?, user_agent = ?";

  return {
    accountRows: read(
      "account_rows",
      `select ${candidate("")} from ${tokens} where scope = ? and user_id = ?`,
    ),
    /** The rows of the account that a row belongs to, itself among them. */
    accountRowsOf: read(
      "account_rows_of",
      `select ${candidate("other.")} from ${tokens} own join ${tokens} other ` +
        "on other.scope = own.scope and other.user_id = own.user_id where own.lookup = ?b",
    ),
    insertToken: write(
      "insert_token",
      `insert into ${tokens} (lookup, proof, code_lookup, code_proof, code_expires_at, scope, user_id, created_at, ` +
        "expires_at, delivery, leased_until, ip, user_agent, slot) " +
        `values (?b, ?b, ?b, ?b, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)${dialect.orNothing}`,
    ),
    // Compare-and-set on the values for which the old row was chosen.
    replaceToken: write("replace_token", `${replaced} where lookup = ?b and delivery = ?`),
    // Any pending row of `issueFor` is replaced. Comparing the lookup as well would make concurrent callers fail in
    // turn.
    replacePending: write(
      "replace_pending",
      `${replaced} where scope = ? and user_id = ? and slot = ? and delivery = 'pending'`,
    ),
    evictToken: write("evict_token", `delete from ${tokens} where lookup = ?b and delivery = ?`),
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
    // Drivers count either matched rows or changed rows; if the change undoes its own condition, both counts are the
    // same.
    leaseToken: write(
      "lease_token",
      `update ${tokens} set leased_until = ? where lookup = ?b and leased_until <= ?`,
    ),
    renewToken: write(
      "renew_token",
      `update ${tokens} set leased_until = ? where lookup = ?b and leased_until = ?`,
    ),
    releaseToken: write(
      "release_token",
      `update ${tokens} set leased_until = 0 where lookup = ?b and leased_until = ?`,
    ),
    finishToken: write("finish_token", `delete from ${tokens} where lookup = ?b`),
    finishLeased: write("finish_leased", `delete from ${tokens} where lookup = ?b and leased_until = ?`),
    removeByUser: write("remove_by_user", `delete from ${tokens} where scope = ? and user_id = ?`),
    removeOlder: write(
      "remove_older",
      `delete from ${tokens} where scope = ? and user_id = ? and created_at < ?`,
    ),
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
    removeCountersBetween: write(
      "remove_counters_between",
      dialect.deleteSome(counters, "id", "id >= ?b and id < ?b", "id"),
    ),

    addEntry: write(
      "add_entry",
      `insert into ${queue} (id, sealed, added_at, due_at, kind, key_id) values (?, ?b, ?, ?, ?, ?)`,
    ),
    leaseEntries:
      leaseSome &&
      ((keyCount: number) =>
        read(`lease_entries_${keyCount}`, leaseSome(queue, dueOf(keyCount), entryOf("entry.")))),
    dueEntries: (keyCount: number) =>
      read(
        `due_entries_${keyCount}`,
        `select id, ${entryOf("")}, due_at as dueat from ${queue} where ${dueOf(keyCount)} order by due_at, id limit ?`,
      ),
    leaseEntry: write("lease_entry", `update ${queue} set due_at = ? where id = ? and due_at = ?`),
    postponeEntry: write("postpone_entry", `update ${queue} set due_at = ? where id = ?`),
    retryEntry: write(
      "retry_entry",
      `update ${queue} set due_at = ?, attempts = attempts + 1, failure = ? where id = ?`,
    ),
    doneEntry: write("done_entry", `delete from ${queue} where id = ?`),
    removeEntries: write(
      "remove_entries",
      dialect.deleteSome(queue, "id", "kind = 'request' and added_at < ?", "added_at"),
    ),
    waitingEntries: read(
      "waiting_entries",
      `select count(*) as waiting, min(added_at) as oldestat from ${queue} where due_at <= ?`,
    ),
    foreignEntries: (keyCount: number) =>
      read(
        `foreign_entries_${keyCount}`,
        `select count(*) as entries from ${queue} where key_id not in (${blanks(keyCount)})`,
      ),
    listEntries: read(
      "list_entries",
      "select id, added_at as addedat, due_at as dueat, kind, key_id as keyid, attempts, failure " +
        `from ${queue} where id > ? order by id limit ?`,
    ),
  };
}

const entryOf = (of: string) => `${of}sealed, ${of}added_at as addedat, ${of}kind, ${of}key_id as keyid`;

/** Due, and encrypted with one of that many keys, or before there were key ids. Without keys, any entry that's due. */
function dueOf(keyCount: number): string {
  return `due_at <= ?${keyCount > 0 ? ` and (key_id is null or key_id in (${blanks(keyCount)}))` : ""}`;
}

const blanks = (count: number) => Array(count).fill("?").join(", ");

export function withPlaceholders(dialect: Dialect, text: string): string {
  let n = 0;
  return text.replace(/\?(b?)/g, (_, bytes) => dialect.placeholder(++n, bytes === "b"));
}
