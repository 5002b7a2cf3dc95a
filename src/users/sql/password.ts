import type { SqlConnection } from "../../ports.js";
import { ownName } from "../../sql/names.js";
import { withRetries } from "../../sql/retry.js";
import type { Users } from "../../types.js";
import { assertSalted } from "../shared/options.js";
import type { Run } from "./run.js";
import { isTable, type SessionsTable } from "./sessions.js";
import { createWriter, type Given } from "./statements.js";

/** The columns that tokens are bound to, as text; the hash is the first. */
export type State = readonly (string | null)[];

/** Sets passwords and revokes sessions, in the engine's transaction or, without one, in its own. */
export function passwordChange<U>({
  connection,
  run,
  described: { made, sessions },
  idOf,
  set,
  isInSteps = false,
}: {
  readonly connection: SqlConnection;
  readonly run: Run;
  readonly described: {
    readonly made: string;
    readonly sessions: SessionsTable | Exclude<Users<U>["revokeSessions"], undefined>;
  };
  readonly idOf: (user: U) => Given;
  readonly set: (user: U, hash: string, expected: State, handle?: unknown) => Promise<boolean>;
  /** Whether `set` takes more than one statement. */
  readonly isInSteps?: boolean;
}): Pick<Users<U>, "setPassword" | "revokeSessions"> {
  const ended = isTable(sessions) && sessions;

  async function endSessions(user: U, handle?: unknown): Promise<void> {
    if (!ended) return;
    const { table, userId, isOwn } = ended;
    const writer = createWriter(connection.dialect);
    const column = writer.name(ownName(table), userId);
    const own = isOwn ? isOwn(writer, column, idOf(user)) : `${column} = ${writer.value(idOf(user))}`;
    await run(writer, `delete from ${writer.name(...table)} where ${own}`, false, handle);
  }

  /** Uses its own transaction, so that no session outlives the old password. */
  async function setAlone(user: U, hash: string, expected: State): Promise<boolean> {
    const { transaction } = connection;
    if (!transaction || !(isInSteps || ended)) return set(user, hash, expected);
    return transaction(async (handle) => {
      const isSet = await set(user, hash, expected, handle);
      if (isSet) await endSessions(user, handle);
      return isSet;
    });
  }

  return {
    async setPassword(user, hash, { expected, transaction }) {
      assertSalted(hash, expected[0], made);
      if (transaction !== undefined) return set(user, hash, expected as State, transaction);
      return withRetries(() => setAlone(user, hash, expected as State));
    },
    revokeSessions: ended ? (user, { transaction }) => endSessions(user, transaction) : sessions,
  };
}
