import Database from "better-sqlite3";
import { createHash, randomBytes } from "node:crypto";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { sqlStore } from "resetkit/stores/sql";
import type { UsersSubject } from "resetkit/testing";
import type { InTransaction, StateValue, Users } from "resetkit/types";

export interface User {
  readonly id: number;
  readonly email: string;
  readonly secondEmail: string | null;
  readonly hash: string | null;
  readonly active: boolean;
  readonly changedAt: Date;
}

const tables = `
  create table users (
    id integer primary key, email text, second_email text, hash text, active integer, changed_at integer
  );
  create table sessions (user_id integer);
  insert into users values (7, 'ada@example.com', 'ada@home.example', '#old', 1, 1700000000000);
  insert into users values (8, 'new@example.com', null, null, 1, 1700000000000);`;

/** An application's accounts as a class, with two email addresses each, and one account without a password. */
export class Accounts implements Users<User> {
  readonly db: Database.Database;

  constructor(db: Database.Database) {
    this.db = db;
  }

  findByIdentifier(typed: string): User[] {
    return this.select("? in (email, second_email)", typed.toLowerCase());
  }

  findById(id: unknown): User | undefined {
    return this.select("id = ?", id)[0];
  }

  lock(id: number, _context: { readonly transaction: unknown }): User | undefined {
    return this.findById(id);
  }

  identifierOf(user: User): string[] {
    return this.addressOf(user);
  }

  addressOf({ email, secondEmail }: User): string[] {
    return secondEmail === null ? [email] : [email, secondEmail];
  }

  stateOf(user: User): StateValue[] {
    return [user.hash, user.email, user.active, user.changedAt];
  }

  mayReset({ active }: User): boolean {
    return active;
  }

  async hashPassword(password: string): Promise<string> {
    const salt = randomBytes(8).toString("hex");
    return `${salt}:${createHash("sha256").update(`${salt}${password}`).digest("hex")}`;
  }

  setPassword(
    { id }: User,
    hash: string,
    { expected }: { readonly expected: readonly StateValue[] } & InTransaction,
  ): boolean | Promise<boolean> {
    return this.update("hash is ? and email is ? and active is ? and changed_at is ?", id, hash, expected);
  }

  revokeSessions({ id }: User, _context: InTransaction): void {
    this.db.prepare("delete from sessions where user_id = ?").run(id);
  }

  /** Sets the hash if the account is as expected; `where` has a `?` for each value. */
  update(where: string, id: number, hash: string, expected: readonly StateValue[]): boolean {
    const values = expected.map((value) =>
      typeof value === "boolean" ? Number(value) : value instanceof Date ? value.getTime() : value,
    );
    return (
      this.db.prepare(`update users set hash = ? where id = ? and ${where}`).run(hash, id, values).changes ===
      1
    );
  }

  private select(where: string, value: unknown): User[] {
    const rows = this.db.prepare(`select * from users where ${where}`).all(value) as Record<string, any>[];
    return rows.map(({ second_email: secondEmail, active, changed_at: changedAt, ...row }) => ({
      ...(row as Pick<User, "id" | "email" | "hash">),
      secondEmail,
      active: active === 1,
      changedAt: new Date(changedAt),
    }));
  }
}

/** Everything that the suite can ask for, on a database of its own. */
export function subjectOnSqlite(): Required<Omit<UsersSubject<User>, "scope" | "users">> & {
  readonly users: Accounts;
  readonly close: () => void;
} {
  const db = new Database(":memory:");
  db.exec(tables);
  return {
    users: new Accounts(db),
    identifier: "ada@example.com",
    otherIdentifiers: ["ada@home.example"],
    withoutPassword: "new@example.com",
    sessions: {
      start: ({ id }) => db.prepare("insert into sessions values (?)").run(id),
      count: ({ id }) =>
        db.prepare("select count(*) from sessions where user_id = ?").pluck().get(id) as number,
    },
    transaction: sqlStore(betterSqlite3(db)).transaction!,
    close: () => db.close(),
  };
}
