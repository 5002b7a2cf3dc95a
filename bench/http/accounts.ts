import type { Pool } from "pg";
import type { Database } from "better-sqlite3";
import type { Users } from "resetkit/types";
import type { ServerOptions } from "./system.js";
import { hashOf } from "./hash.js";

export interface Person {
  readonly id: number;
  readonly email: string;
  readonly password_hash: string | null;
}

/** What an application writes for resetkit: its look-ups and its one change, as prepared statements. */
export function usersOf(options: ServerOptions, client: Database | Pool): Users<Person> {
  const users = options.database === "sqlite" ? onSqlite(client as Database) : onPostgres(client as Pool);
  const { lock, ...steps } = users;
  return { ...steps, hashPassword: hashOf(options), ...(options.change === "lock" && { lock: lock! }) };
}

const columns = "id, email, password_hash";
const stateOf = (user: Person) => [user.password_hash, user.email];

function onSqlite(db: Database): Users<Person> {
  const byEmail = db.prepare<[string], Person>(`select ${columns} from people where email = ?`);
  const byId = db.prepare<[number], Person>(`select ${columns} from people where id = ?`);
  const set = db.prepare(
    "update people set password_hash = ? where id = ? and password_hash is ? and email is ?",
  );
  return {
    findByIdentifier: (email) => byEmail.get(email),
    findById: (id) => byId.get(id),
    stateOf,
    setPassword: (user, hash, { expected }) => set.run(hash, user.id, ...expected).changes === 1,
    revokeSessions: "none",
    lock: (id) => byId.get(id),
  };
}

function onPostgres(pool: Pool): Users<Person> {
  const first = async (name: string, text: string, value: unknown, client: Pool = pool) =>
    (await client.query<Person>({ name, text, values: [value] })).rows[0];
  const where = `select ${columns} from people where`;
  return {
    findByIdentifier: (email) => first("person_by_email", `${where} email = $1`, email),
    findById: (id) => first("person_by_id", `${where} id = $1`, id),
    stateOf,
    async setPassword(user, hash, { expected, transaction = pool }) {
      const text = `update people set password_hash = $1
        where id = $2 and password_hash is not distinct from $3 and email is not distinct from $4`;
      const values = [hash, user.id, ...expected];
      return (await transaction.query({ name: "set_password", text, values })).rowCount === 1;
    },
    revokeSessions: "none",
    lock: (id, { transaction }) => first("lock_person", `${where} id = $1 for update`, id, transaction),
  };
}
