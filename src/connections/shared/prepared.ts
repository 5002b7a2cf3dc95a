import { consoleLog } from "../../runtime/log.js";

/**
 * Whether statements are prepared by name. It can only change from on to off: a pooler in transaction mode assigns each
 * transaction another session, which doesn't know the name (26000), or already has a statement of that name (42P05).
 * PgBouncer before 1.21 can't keep prepared statements, and later versions don't by default (`max_prepared_statements = 0`).
 */
export interface Prepared {
  readonly isOn: boolean;
  /**
   * Runs a statement, and again without preparing it if a pooler lost it. Inside a transaction, which such an error aborts,
   * it only turns preparing off, and `sqlStore` runs the transaction again.
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
            `The connection pooler doesn't keep prepared statements, so resetkit no longer prepares them. Pass ${fix}.`,
          );
        }
        if (isInTransaction) throw error;
        return send();
      }
    },
  };
}

/** PostgreSQL's codes for a prepared statement that doesn't exist, or already exists. */
const lostCodes: ReadonlySet<unknown> = new Set(["26000", "42P05"]);
