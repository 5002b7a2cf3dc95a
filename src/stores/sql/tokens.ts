import { equal } from "#crypto";
import type { Delivery, TokenStore, UserId } from "../../ports.js";
import { replacedBy } from "../eviction.js";
import type { Database } from "./database.js";
import { accountOf, occupantOf, putToken } from "./put.js";
import { foundLink, tokenRow } from "./rows.js";

/** Tokens in a table. */
export function sqlTokens(db: Database, parseId?: (text: string) => UserId): TokenStore {
  const { run, statements } = db;
  const rowsOf = async (...query: Parameters<typeof run>) =>
    (await run(...query)).rows.map((row) => tokenRow(row, parseId));
  const looks = {
    link: (lookup: Uint8Array) => run(statements.findLink, [lookup]),
    code: (lookup: Uint8Array) => run(statements.findCode, [lookup]),
    either: (lookup: Uint8Array) => run(statements.findToken, [lookup, lookup]),
  };
  const changesOf = async (...query: Parameters<typeof run>) => (await run(...query)).changes;

  /**
   * By then, the successor is recorded as accepted: a crash in between leaves one link too many, and never one too few.
   */
  const removeReplaced = async (lookup: Uint8Array, maxLive: number) => {
    const rows = (await run(statements.accountRowsOf, [lookup])).rows.map(occupantOf);
    const successor = rows.find((row) => equal(row.lookup, lookup));
    if (!successor) return;
    for (const row of replacedBy(successor, rows, maxLive)) await run(statements.finishToken, [row.lookup]);
  };

  return {
    put: (row, rule) => putToken(db, row, rule),
    async find(lookup, of) {
      const [row] = (await looks[of ?? "either"](lookup)).rows;
      if (!row) return null;
      return of === "link" ? foundLink(lookup, row, parseId) : tokenRow(row, parseId);
    },
    async delivered(lookup, accepted, replace) {
      const delivery: Delivery = accepted ? "accepted" : "failed";
      await run(statements.deliver, [delivery, lookup]);
      if (replace) await removeReplaced(lookup, replace.maxLive);
    },
    liveOf: (userId, { scope, now }) => rowsOf(statements.liveTokens, [...accountOf(userId, scope), now]),
    lease: async (lookup, until, now) => (await changesOf(statements.leaseToken, [until, lookup, now])) === 1,
    async renew(lookup, until, held) {
      if (until !== held) return (await changesOf(statements.renewToken, [until, lookup, held])) === 1;
      // Nothing to change, and some drivers count only what changed.
      return Number((await looks.either(lookup)).rows[0]?.leaseduntil) === held;
    },
    async release(lookup, until) {
      await run(statements.releaseToken, [lookup, until]);
    },
    async finish(lookup, { leasedUntil, transaction } = {}) {
      const changes =
        leasedUntil === undefined
          ? await changesOf(statements.finishToken, [lookup], transaction)
          : await changesOf(statements.finishLeased, [lookup, leasedUntil], transaction);
      return changes === 1;
    },
    removeByUser: (userId, { scope, before, transaction }) =>
      before === undefined
        ? changesOf(statements.removeByUser, accountOf(userId, scope), transaction)
        : changesOf(statements.removeOlder, [...accountOf(userId, scope), before], transaction),
    removeExpired: (now, limit) => changesOf(statements.removeTokens, [now, limit]),
    // Every lookup is greater than one zero byte.
    list: ({ after = new Uint8Array(1), limit }) => rowsOf(statements.listTokens, [after, limit]),
  };
}
