/**
 * Accounts for the combination suite: in a table next to the store's, or in memory if there's no connection.
 *
 * @module
 */
import type { SqlConnection, SqlValue, Users } from "../../types.js";

export interface Person {
  readonly id: number;
  readonly email: string;
  readonly hash: string;
  readonly sessions: number;
}

export interface People {
  readonly users: Users<Person>;
  /** Adds an account that has one session. */
  add(id: number): Promise<Person>;
  find(id: number): Promise<Person | null>;
}

const table = "resetkit_combination_people";

/** Stores the password in plain text after a salt, since the suite tests the order of steps and not hashing. */
const hashOf = (password: string) => `${crypto.randomUUID()}$${password}`;
export const passwordOf = ({ hash }: Person) => hash.slice(hash.indexOf("$") + 1);

const newcomer = (id: number): Person => ({
  id,
  email: `person${id}@example.com`,
  hash: hashOf("the first one"),
  sessions: 1,
});

const stateOf = ({ hash, email }: Person) => [hash, email];

/** Which functions of `users` the accounts have. */
export interface Ways {
  /** With `users.lock`. */
  readonly lock: boolean;
  /** With `users.hashPassword`, and a `mayReset` that reads the account. */
  readonly full: boolean;
}

const hashing = { hashPassword: async (password: string) => hashOf(password) };

export function peopleInMemory({ full }: Pick<Ways, "full">): People {
  const people = new Map<number, Person>();
  const find = (id: unknown) => people.get(Number(id)) ?? null;
  return {
    users: {
      findByIdentifier: (email) => [...people.values()].find((person) => person.email === email),
      findById: find,
      stateOf,
      setPassword({ id }, password, { expected }) {
        const person = find(id);
        if (!person || stateOf(person).some((value, index) => value !== expected[index])) return false;
        people.set(id, { ...person, hash: full ? password : hashOf(password) });
        return true;
      },
      revokeSessions({ id }) {
        const person = find(id);
        if (person) people.set(id, { ...person, sessions: 0 });
      },
      ...(full && { ...hashing, mayReset: async ({ id }) => find(id) !== null }),
    },
    async add(id) {
      const person = newcomer(id);
      people.set(id, person);
      return person;
    },
    find: async (id) => find(id),
  };
}

/** In a table on the store's own connection. With `lock`, a change happens in one transaction. */
export async function peopleIn(connection: SqlConnection, { lock, full }: Ways): Promise<People> {
  const ask = (text: string, values: readonly SqlValue[], rows: boolean, handle?: unknown) => {
    let count = 0;
    const marked = connection.dialect === "postgres" ? text.replaceAll("?", () => `$${++count}`) : text;
    return connection.query({ text: marked, rows }, values, handle as undefined);
  };
  const run = async (text: string, values: readonly SqlValue[] = [], handle?: unknown) =>
    (await ask(text, values, false, handle)).changes;
  const one = async (column: string, value: SqlValue, handle?: unknown, ending = "") => {
    const text = `select id, email, hash, sessions from ${table} where ${column} = ?${ending}`;
    const [row] = (await ask(text, [value], true, handle)).rows;
    return row ? ({ ...row, id: Number(row.id), sessions: Number(row.sessions) } as unknown as Person) : null;
  };
  const forUpdate = connection.dialect === "sqlite" ? "" : " for update";

  await run(
    `create table if not exists ${table} (id int primary key, email varchar(190) unique, hash varchar(190), sessions int)`,
  );
  await run(`delete from ${table}`);
  return {
    users: {
      findByIdentifier: (email) => one("email", email),
      findById: (id) => one("id", Number(id)),
      stateOf,
      async setPassword({ id }, password, { expected, transaction }) {
        const values = [full ? password : hashOf(password), id, ...expected.map(String)];
        const text = `update ${table} set hash = ? where id = ? and hash = ? and email = ?`;
        return (await run(text, values, transaction)) === 1;
      },
      async revokeSessions({ id }, { transaction }) {
        await run(`update ${table} set sessions = 0 where id = ?`, [id], transaction);
      },
      ...(full && {
        ...hashing,
        mayReset: async ({ id }: Person, { transaction }: { transaction?: unknown }) =>
          (await one("id", id, transaction)) !== null,
      }),
      ...(lock && {
        lock: (id: unknown, { transaction }: { transaction: unknown }) =>
          one("id", Number(id), transaction, forUpdate),
      }),
    },
    async add(id) {
      const person = newcomer(id);
      const { email, hash, sessions } = person;
      await run(`insert into ${table} values (?, ?, ?, ?)`, [id, email, hash, sessions]);
      return person;
    },
    find: (id) => one("id", id),
  };
}
