import { digest } from "#crypto";
import { utf8 } from "../../crypto/encoding.js";
import type { Awaitable, CounterStore } from "../../ports.js";
import type { Database } from "./database.js";
import { isMariaDb } from "./dialects.js";
import type { Row } from "./rows.js";

/** Windows in a table of their own: a hit is one upsert that returns the result. */
export function sqlCounters(db: Database): CounterStore {
  const { run, statements } = db;

  /** MySQL returns nothing from an upsert, so there the upsert and a read of its row share a transaction. */
  const hitAndLook = async (id: Uint8Array, values: readonly number[], now: number): Promise<Row[]> => {
    if (db.connection.dialect !== "mysql" || isMariaDb(await db.serverVersion())) {
      return [...(await run(statements.hitReturning, [id, ...values])).rows];
    }
    return db.transaction!(async (handle) => {
      await run(statements.hit, [id, ...values], handle);
      return [...(await run(statements.look, [id, now], handle)).rows];
    });
  };

  return {
    async hit(key, { per, by = 1, now }) {
      const id = await idOf(key);
      const resetAt = now + per;
      if (by > 0) return read(await hitAndLook(id, [by, resetAt, now, now], now), resetAt);

      // Neither a refund nor a read opens a window.
      if (by < 0) {
        const { rows } = await run(statements.refund, [-by, -by, id, now]);
        if (statements.refund.rows) return read(rows, resetAt);
      }
      return read((await run(statements.look, [id, now])).rows, resetAt);
    },
    removeExpired: async (now, limit) => (await run(statements.removeCounters, [now, limit])).changes,
    async removeByPrefix(prefix, limit) {
      const first = utf8(prefix);
      const behind = first.slice();
      behind[behind.length - 1]! += 1;
      return (await run(statements.removeCountersBetween, [first, behind, limit])).changes;
    },
  };
}

function read([row]: readonly Row[], resetAt: number): { count: number; resetAt: number } {
  return row ? { count: Number(row.hits), resetAt: Number(row.resetat) } : { count: 0, resetAt };
}

/** The key as bytes, or its SHA-256 if an index couldn't hold it. */
function idOf(key: string): Awaitable<Uint8Array> {
  const bytes = utf8(key);
  return bytes.length <= 255 ? bytes : digest("sha256", bytes);
}
