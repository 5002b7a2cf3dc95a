import { consoleLog } from "../../runtime/log.js";

/**
 * Whether statements are prepared by name, and the one way back: a pooler in transaction mode hands each transaction
 * another session, which doesn't know the name (26000), or has one of that name already (42P05). PgBouncer before 1.21
 * can't do better, and later ones are configured not to by default (`max_prepared_statements = 0`).
 */
export interface Prepared {
  readonly isOn: boolean;
  /**
   * Runs a statement, and again without preparing it if a pooler lost it. Inside a transaction, which such an error
   * ends, it only remembers: `sqlStore` runs the transaction again.
   */
  run<T>(send: () => PromiseLike<T>, isInTransaction: boolean): Promise<T>;
}

export function preparedUnless(isOff: boolean, fix: string): Prepared {
  let isOn = !isOff;
  return {
    get isOn() {
      return isOn;
    },
    async run(send, isInTransaction) {
      const wasOn = isOn;
      try {
        return await send();
      } catch (error) {
        if (!wasOn || !lostCodes.has((error as { code?: unknown } | null)?.code)) throw error;
        if (isOn) {
          isOn = false;
          consoleLog.warn(
            `The connection pooler doesn't keep prepared statements, so they aren't prepared from now on. Pass ${fix}.`,
          );
        }
        if (isInTransaction) throw error;
        return send();
      }
    },
  };
}

/** PostgreSQL: a prepared statement doesn't exist, or exists already. */
const lostCodes: ReadonlySet<unknown> = new Set(["26000", "42P05"]);
