import { runTransaction } from "./transaction.js";

/** A connection checked out from a pool for MySQL or MariaDB. */
interface Taken {
  query(text: string): Promise<unknown>;
  release(): unknown;
  destroy(): unknown;
}

/**
 * Runs `work` in a READ COMMITTED transaction, then releases the connection, or destroys it if the rollback failed or
 * `work` was given up.
 */
export async function readCommitted<Client extends Taken, T>(
  client: Client,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  let end = () => client.release();
  const abandon = () => void (end = () => client.destroy());
  const bracket = {
    async begin() {
      await client.query("set transaction isolation level read committed");
      await client.query("start transaction");
    },
    commit: () => client.query("commit"),
    rollback: () => client.query("rollback").catch(abandon),
    abandon,
  };
  try {
    return await runTransaction(bracket, () => work(client));
  } finally {
    await end();
  }
}
