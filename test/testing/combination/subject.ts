import { migrate, sqlStore } from "resetkit/stores/sql";
import type { CombinationSubject } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";

const tables = ["tokens", "counters", "queue"];

/** An empty store on a pool that is ended after the case. */
export async function subjectOn(
  connection: SqlConnection,
  close: () => Promise<unknown>,
): Promise<CombinationSubject> {
  await migrate(connection);
  for (const table of tables) {
    await connection.query({ text: `delete from resetkit_${table}`, rows: false }, []);
  }
  return { store: sqlStore(connection), connection, close };
}
