/**
 * The tokens of django-rest-passwordreset, read from its own table while links that it sent still work.
 *
 * @module
 */
import { assertKnownKeys, UsageError } from "../check-options.js";
import { milliseconds } from "../duration.js";
import { isObjectId } from "../identity/user-id.js";
import type {
  ConnectedStrategy,
  Duration,
  SqlConnection,
  StrategyContext,
  TokenStrategy,
  UserId,
} from "../ports.js";
import { assertConnection } from "../sql/connection.js";
import { checkedTable } from "../sql/names.js";
import { createDrpTable, type DrpTable } from "./drp/table.js";
import { idCodec, type IdKind } from "./shared/ids.js";
import { createClaim } from "./shared/stateless-claim.js";
import { offsetOf } from "./shared/utc-offset.js";

export interface DrpTokensOptions {
  /**
   * `DJANGO_REST_MULTITOKENAUTH_RESET_TOKEN_EXPIRY_TIME`, with its unit: `"12h"` for 12.
   *
   * @default "24h"
   */
  readonly lifetime?: Duration;
  /**
   * The table, or `"schema.table"`.
   *
   * @default "django_rest_passwordreset_resetpasswordtoken"
   */
  readonly table?: string;
  /** The kind of the user's primary key: `"uuid"` for UUIDs. Default: as the database's driver returns it. */
  readonly ids?: IdKind;
  /**
   * How far `TIME_ZONE` is ahead of UTC, such as `"+02:00"`, if the site has `USE_TZ = False`.
   *
   * @default "+00:00"
   */
  readonly utcOffset?: string;
}

/** No key is longer: the column is a `varchar(64)`. */
const longestKey = 64;

/**
 * Accepts the tokens that django-rest-passwordreset issued, until they expire. It never issues one, so put it after
 * another kind. When no token is left, take it out of the list, and drop the table.
 *
 * Of any number of concurrent confirms with one token, exactly one succeeds. All rows of the account are deleted with
 * the change, as in django-rest-passwordreset, and an expired row when it's presented. If the connection is on the
 * store's database, that happens in the transaction of `users.lock`; otherwise right before its commit.
 *
 * These tokens are as weak as they were: stored in plain text, of 40 bits or more, and not bound to the account's
 * state. If the password is changed elsewhere, they stay valid.
 *
 * @param connection - A connection to the database that has the table: `pg(pool)`, `betterSqlite3(db)`, …
 * @throws {TypeError} For an option that can't work, or if it's the first in the list.
 * @example
 * ```ts
 * tokens: [storedTokens(), drpTokens(pg(pool))]
 * ```
 */
export function drpTokens(connection: SqlConnection, options: DrpTokensOptions = {}): TokenStrategy {
  assertConnection(connection, "drpTokens", "");
  assertKnownKeys(options, ["lifetime", "table", "ids", "utcOffset"], "drpTokens()");
  const { ids, table = "django_rest_passwordreset_resetpasswordtoken" } = options;
  const site: Site = {
    lifetime: milliseconds(options.lifetime ?? "24h", "drpTokens({ lifetime })"),
    toId: ids === undefined ? asItIs : readBy(ids),
    table: createDrpTable(connection, {
      name: checkedTable(table, "drpTokens({ table })"),
      offset: offsetOf(options.utcOffset, "drpTokens({ utcOffset })"),
      toColumn: (id) => writeId(id, connection, ids),
    }),
    database: connection.database,
  };
  return { kind: "drp", connect: (context) => connectDrp(context, site) };
}

interface Site {
  /** Milliseconds. */
  readonly lifetime: number;
  readonly table: DrpTable;
  readonly database: object;
  /** The id that `users.findById` gets. */
  toId(column: unknown): UserId;
}

function connectDrp(context: StrategyContext, { lifetime, table, database, toId }: Site): ConnectedStrategy {
  if (context.issues) {
    throw new UsageError(
      "drpTokens() only verifies, and it's the first in `tokens`. Put the kind that issues before it: tokens: [storedTokens(), drpTokens(connection)].",
    );
  }
  // A handle belongs to the store's database. A statement on another one can't take part in its transaction.
  const handleOf = (transaction: unknown) =>
    context.tokens?.database === database ? transaction : undefined;

  return {
    issue() {
      throw new UsageError("drpTokens() only verifies. Put the kind that issues before it in `tokens`.");
    },

    async verify({ token, scope, now }, accounts) {
      if (typeof token !== "string" || token === "" || token.length > longestKey) return null;
      const row = await table.find(token);
      if (!row) return null;
      const expiresAt = row.createdAt + lifetime;
      // In django-rest-passwordreset, a token is still valid at the very end of its lifetime.
      if (now > expiresAt) {
        await table.remove(token);
        return null;
      }
      const account = await accounts.byId(toId(row.userId), scope);
      if (!account) return null;
      const claim = createClaim(context, "drp", token, account, expiresAt + 1);
      return {
        ...claim,
        renew: async (until, at) => (await table.find(token)) !== null && claim.renew(until, at),
        async finish({ transaction }) {
          const handle = handleOf(transaction);
          // What can't be rolled back is left to `forget`, which runs right before the commit.
          if (transaction && !handle) return (await table.find(token)) !== null;
          return table.remove(token, handle);
        },
      };
    },

    async revoke({ id }) {
      await table.removeByUser(id);
    },

    async forget({ id }, { before, transaction }) {
      await table.removeByUser(id, before, handleOf(transaction));
    },
  };
}

const asItIs = (column: unknown) => column as UserId;

/** Django writes a UUID without hyphens if the database has no type for it. */
function readBy(ids: IdKind): Site["toId"] {
  const codec = idCodec(ids, "drpTokens({ ids })");
  return (column) => codec.parse(codec.print(column as UserId)) ?? (column as UserId);
}

function writeId(
  id: UserId,
  { dialect }: SqlConnection,
  ids: IdKind | undefined,
): string | number | Uint8Array {
  if (isObjectId(id)) return id.toHexString();
  if (typeof id === "bigint") return String(id);
  if (typeof id !== "string" || ids !== "uuid" || dialect === "postgres") return id;
  return id.replaceAll("-", "").toLowerCase();
}
