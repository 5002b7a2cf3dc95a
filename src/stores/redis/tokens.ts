import { base64url, fromBase64url, fromHex, hex } from "../../crypto/encoding.js";
import { readUserId, writeUserId } from "../../identity/user-id.js";
import type { TokenRow, TokenStore, UserId } from "../../ports.js";
import type { RunScript } from "./client.js";
import * as scripts from "./token-scripts.js";

/** How long Redis keeps what has expired, in case a clock is set back. Milliseconds. */
export const slack = 3_600_000;

/**
 * Tokens in Redis, all under the hash tag of `tag`.
 *
 * A row is stored in one place, the hash of its account, so every decision about it is made there. A pointer leads from
 * each lookup to that hash. It never changes, so reading it first, in a separate step, is safe: the row is either still
 * where it points or nowhere. The pointers of removed rows are dropped after them. If that fails, they lead nowhere
 * until they expire.
 */
export function redisTokens(run: RunScript, tag: string, parseId?: (text: string) => UserId): TokenStore {
  const expiry = `${tag}:expiry`;
  const index = `${tag}:index`;
  const pointer = (lookup: string) => `${tag}:at:${lookup}`;
  const read = (text: unknown) => readRow(String(text), parseId);
  const accountKey = (name: string) => `${tag}:of:${name}`;

  /** Where a lookup leads: to an account, and there to the row with the link's lookup. */
  const locate = async (lookup: string) => {
    const found = await run(scripts.locate, [pointer(lookup)]);
    if (found === null) return null;
    const text = String(found);
    const space = text.indexOf(" ");
    return { lookup: text.slice(0, space), key: accountKey(text.slice(space + 1)) };
  };

  /** Runs a script on the account that holds the row with the link's lookup. */
  const onRow = async (script: string, lookup: string, values: readonly (string | number)[]) => {
    const at = await locate(lookup);
    return at && run(script, [at.key, expiry, index], [lookup, ...values]);
  };

  const remove = async (lookup: string, lease: number | "", before: number | "") => {
    const gone = await onRow(scripts.remove, lookup, [lease, before]);
    if (gone === null) return false;
    await dropPointers([gone]);
    return true;
  };

  const dropPointers = async (gone: readonly unknown[]) => {
    const names = gone.map(read).flatMap(lookupsOf);
    if (names.length === 0) return;
    // The decision stands: if this rejected, a token that was put or finished would seem not to have been.
    await run(scripts.unpoint, names.map(pointer)).catch(() => {});
  };

  const find = async (lookup: string) => {
    const at = await locate(lookup);
    const found = at && (await run(scripts.get, [at.key], [at.lookup]));
    return found === null ? null : read(found);
  };

  return {
    async put(row, { now, maxLive, pendingFor, quietFor }) {
      const lookup = hex(row.lookup);
      const account = accountOf(row.userId, row.scope);
      const live = Math.max(0, Math.ceil(row.expiresAt - now)) + slack;
      const answer = await run(
        scripts.put,
        [accountKey(account), expiry, index, ...lookupsOf(row).map(pointer)],
        [
          lookup,
          writeRow(row),
          row.expiresAt,
          `${lookup} ${account}`,
          live,
          now,
          maxLive,
          pendingFor,
          quietFor,
        ],
      );
      const [outcome, ...gone] = answer as unknown[];
      await dropPointers(gone);
      return String(outcome) as "stored" | "successor" | "over_cap" | "taken";
    },

    find: (lookup) => find(hex(lookup)),

    async delivered(lookup, accepted, replace) {
      const values = [accepted ? "accepted" : "failed", ...(replace ? [replace.maxLive] : [])];
      const replaced = (await onRow(scripts.deliver, hex(lookup), values)) as unknown[] | null;
      await dropPointers(replaced ?? []);
    },

    async liveOf(userId, { scope, now }) {
      const found = (await run(scripts.getAll, [accountKey(accountOf(userId, scope))])) as unknown[];
      return found
        .map(read)
        .filter((row) => row.expiresAt > now)
        .sort((a, b) => a.createdAt - b.createdAt || (hex(a.lookup) < hex(b.lookup) ? -1 : 1));
    },

    async lease(lookup, until, now) {
      return (await onRow(scripts.lease, hex(lookup), [until, now])) === 1;
    },

    async renew(lookup, until, held) {
      return (await onRow(scripts.renew, hex(lookup), [until, held])) === 1;
    },

    async release(lookup, until) {
      await onRow(scripts.release, hex(lookup), [until]);
    },

    finish: (lookup, context) => remove(hex(lookup), context?.leasedUntil ?? "", ""),

    async removeByUser(userId, { scope, before }) {
      const keys = [accountKey(accountOf(userId, scope)), expiry, index];
      const gone = (await run(scripts.removeAll, keys, [before ?? ""])) as unknown[];
      await dropPointers(gone);
      return gone.length;
    },

    async removeExpired(now, limit) {
      const due = (await run(scripts.expired, [expiry], [now, limit])) as unknown[];
      const removed = await Promise.all(
        due.map(String).map(async (lookup) => {
          if (await remove(lookup, "", now)) return true;
          // Redis may have dropped the row itself, and knows nothing about the lists that it's in.
          return (await run(scripts.unlist, [expiry, index], [lookup, now])) === 1;
        }),
      );
      return removed.filter(Boolean).length;
    },

    async list({ after, limit }) {
      const rows: TokenRow[] = [];
      let from = after ? `(${hex(after)}` : "-";
      while (rows.length < limit) {
        const lookups = ((await run(scripts.page, [index], [from, limit])) as unknown[]).map(String);
        const found = await Promise.all(lookups.map(find));
        rows.push(...found.filter((row) => row !== null));
        if (lookups.length < limit) break;
        from = `(${lookups.at(-1)}`;
      }
      return rows.slice(0, limit);
    },
  };
}

function accountOf(userId: UserId, scope: string): string {
  return JSON.stringify([scope, writeUserId(userId)]);
}

function lookupsOf(row: TokenRow): string[] {
  return [row.lookup, ...(row.code ? [row.code.lookup] : [])].map(hex);
}

function writeRow({ delivery, leasedUntil, createdAt, expiresAt, ...row }: TokenRow): string {
  const rest = {
    // The scripts look for it here. In version 0.1.0, which knows nothing about it, the row stays readable.
    ...(row.issued && { issued: true }),
    lookup: hex(row.lookup),
    proof: base64url(row.proof),
    user: writeUserId(row.userId),
    scope: row.scope,
    ...(row.code && {
      code: {
        lookup: hex(row.code.lookup),
        proof: base64url(row.code.proof),
        expiresAt: row.code.expiresAt,
      },
    }),
    ip: row.ip,
    userAgent: row.userAgent,
  };
  return `${delivery} ${leasedUntil} ${createdAt} ${expiresAt} ${JSON.stringify(rest)}`;
}

function readRow(text: string, parseId?: (text: string) => UserId): TokenRow {
  const pattern = /^(\S+) (\S+) (\S+) (\S+) (.*)$/s;
  const [, delivery, leasedUntil, createdAt, expiresAt, json = ""] = pattern.exec(text) ?? [];
  const { lookup, proof, user, code, ...rest } = JSON.parse(json);
  return {
    lookup: fromHex(lookup)!,
    proof: fromBase64url(proof)!,
    ...(code && {
      code: {
        lookup: fromHex(code.lookup)!,
        proof: fromBase64url(code.proof)!,
        expiresAt: code.expiresAt,
      },
    }),
    userId: readUserId(user, parseId),
    createdAt: Number(createdAt),
    expiresAt: Number(expiresAt),
    delivery: delivery as TokenRow["delivery"],
    leasedUntil: Number(leasedUntil),
    ...rest,
  };
}
