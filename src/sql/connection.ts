import { UsageError } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { grammars } from "./grammar.js";

/**
 * Throws if a client was passed where its connection belongs. `more` is what the function takes besides the connection.
 */
export function assertConnection(connection: SqlConnection, made: string, more: string): void {
  if (typeof connection?.query === "function" && connection.dialect in grammars) return;
  throw new UsageError(
    `${made} takes a connection, not a client. Wrap the client, as in ${made}(pg(pool)${more}) with pg of resetkit/connections/pg.`,
  );
}
