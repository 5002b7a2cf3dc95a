import { createTransactionScope, type TransactionScope } from "../../runtime/transaction-scope.js";
import type { SqlConnection } from "../../ports.js";

/**
 * A connection over a pool that rejects calls without a handle from inside its own transactions.
 *
 * Such a call needs a second connection of the pool, and hangs only if as many transactions run as there are connections.
 * Without the check, the deadlock would appear under load instead of in development.
 */
export function guarded<Handle>(connection: SqlConnection<Handle>): SqlConnection<Handle> {
  const scope = scopeOf(connection.database);
  const { query, transaction } = connection;
  return {
    ...connection,
    query(statement, values, handle) {
      const misuse = handle ? undefined : scope.misuse();
      return misuse ? Promise.reject(misuse) : query(statement, values, handle);
    },
    transaction:
      transaction &&
      (async (work) => {
        const misuse = scope.misuse();
        if (misuse) throw misuse;
        return transaction(scope.inside(work));
      }),
  };
}

const known = new WeakMap<object, TransactionScope>();

/** The scope of a client: the same one for every caller that wraps the same client. */
function scopeOf(client: object): TransactionScope {
  let scope = known.get(client);
  if (!scope) known.set(client, (scope = createTransactionScope()));
  return scope;
}
