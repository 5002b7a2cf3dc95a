/**
 * Accounts, mails and sessions in the tables of a real application, so that they outlive the process.
 * Passwords are not hashed: what is tested is what happens when, and the salt makes each state another.
 */
import type { SqlConnection, SqlValue, Users } from "../../src/types.js";

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly hash: string;
}

export interface Accounts {
  readonly users: Users<Person>;
  /** Makes the tables. */
  create(): Promise<void>;
  add(person: Person): Promise<void>;
  /** What a mail server does: it keeps the mail, and then says so. */
  keepMail(mail: Mail): Promise<void>;
  mailsTo(address: string): Promise<Mail[]>;
  look(id: string): Promise<{ password: string; sessions: number; changes: number }>;
}

export interface Mail {
  readonly kind: string;
  readonly address: string;
  readonly token: string;
}

/** `withLock`: users and store share a database and change together. */
export function accountsIn(connection: SqlConnection, { withLock }: { withLock: boolean }): Accounts {
  const mark = (n: number) => (connection.dialect === "postgres" ? `$${n}` : "?");
  const ask = async (text: string, values: SqlValue[] = [], rows = true, handle?: unknown) => {
    let n = 0;
    const marked = text.replace(/\?/g, () => mark(++n));
    return connection.query({ text: marked, rows }, values, handle as any);
  };
  const run = async (text: string, values: SqlValue[] = [], handle?: unknown) =>
    (await ask(text, values, false, handle)).changes;
  const one = async (where: string, value: string, handle?: unknown, more = "") => {
    const { rows } = await ask(
      `select id, email, hash from people where ${where} = ?${more}`,
      [value],
      true,
      handle,
    );
    return (rows[0] as unknown as Person | undefined) ?? null;
  };
  const forUpdate = connection.dialect === "postgres" ? " for update" : "";

  return {
    users: {
      findByIdentifier: (identifier) => one("email", identifier),
      findById: (id) => one("id", id),
      stateOf: ({ hash, email }) => [hash, email],
      async setPassword({ id }, password, { expected, transaction }) {
        const values = [`${crypto.randomUUID()}$${password}`, id, ...expected.map(String)];
        const text =
          "update people set hash = ?, changes = changes + 1 where id = ? and hash = ? and email = ?";
        return (await run(text, values, transaction)) === 1;
      },
      async revokeSessions({ id }, { transaction }) {
        await run("update people set sessions = 0 where id = ?", [id], transaction);
      },
      mayReset: () => true,
      ...(withLock && { lock: (id, { transaction }) => one("id", id, transaction, forUpdate) }),
    },
    async create() {
      const serial =
        connection.dialect === "postgres" ? "bigserial primary key" : "integer primary key autoincrement";
      await run(
        "create table people (id varchar(64) primary key, email varchar(254) unique, hash varchar(254), sessions int, changes int)",
      );
      await run(
        `create table mails (n ${serial}, kind varchar(20), address varchar(254), token varchar(254))`,
      );
    },
    async add({ id, email, hash }) {
      await run("insert into people values (?, ?, ?, 2, 0)", [id, email, hash]);
    },
    async keepMail({ kind, address, token }) {
      await run("insert into mails (kind, address, token) values (?, ?, ?)", [kind, address, token]);
    },
    async mailsTo(address) {
      const text = "select kind, address, token from mails where address = ? order by n";
      return (await ask(text, [address])).rows as unknown as Mail[];
    },
    async look(id) {
      const { rows } = await ask("select hash, sessions, changes from people where id = ?", [id]);
      const { hash, sessions, changes } = rows[0]!;
      return {
        password: String(hash).split("$")[1]!,
        sessions: Number(sessions),
        changes: Number(changes),
      };
    },
  };
}
