import { Pool } from "pg";

/** What an application on PostgreSQL has before resetkit comes: ada and grace with sessions, and an account without a password. */
const tables = `
  create table users (
    id serial primary key, email text not null unique, password_hash text,
    active boolean not null default true
  );
  create table sessions (cookie_hash text primary key, user_id integer not null);
  insert into users (email, password_hash) values ('ada@example.com', 'old'), ('grace@example.com', 'old'), ('new@example.com', null);
  insert into sessions values ('a1', 1), ('a2', 1), ('g1', 2);`;

export interface People {
  readonly db: Pool;
  hashOf(id: number): Promise<string>;
  sessions(): Promise<string[]>;
}

export async function createPeople(url: string): Promise<People> {
  const db = new Pool({ connectionString: url });
  await db.query(tables);
  return {
    db,
    hashOf: async (id) =>
      (await db.query("select password_hash from users where id = $1", [id])).rows[0].password_hash,
    sessions: async () =>
      (await db.query("select cookie_hash from sessions order by 1")).rows.map((row) => row.cookie_hash),
  };
}
