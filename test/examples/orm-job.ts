import { verify } from "@node-rs/argon2";
import { Pool } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { passwordReset } from "resetkit";
import { createHandler } from "resetkit/http";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { usersSuite } from "resetkit/testing";
import type { Message, PasswordReset, ResetOptions, SqlConnection, Users } from "resetkit/types";
import { byFetch, json } from "../http/drive.js";
import { goodPassword, keptLog, secret } from "../kit.js";
import { postgres } from "../servers/postgres.js";

type Rest = Omit<ResetOptions<any>, "users" | "store">;

/** What an example gives for a database that has its tables. */
export interface OrmExample {
  readonly connection: SqlConnection;
  readonly users: Users<any>;
  createReset(options: Rest): PasswordReset<any>;
  close(): Promise<unknown>;
}

const tables = `
  create table users (
    id serial primary key, email text not null unique, password_hash text not null,
    active boolean not null default true
  );
  create table sessions (cookie_hash text primary key, user_id integer not null);
  insert into users (email, password_hash) values ('ada@example.com', 'old'), ('grace@example.com', 'old');
  insert into sessions values ('a1', 1), ('a2', 1), ('g1', 2);`;

/** Drives an example through the whole job, on a real PostgreSQL. */
export function ormJob(name: string, open: (url: string) => Promise<OrmExample>): void {
  describe(`the example for ${name}`, () => {
    let db: Pool;
    let example: OrmExample;
    let reset: PasswordReset<any>;
    const mails: Message<any>[] = [];

    beforeEach(async () => {
      const url = await postgres();
      db = new Pool({ connectionString: url });
      await db.query(tables);
      example = await open(url);
      await migrate(example.connection);
      mails.length = 0;
      reset = example.createReset(rest);
    });

    afterEach(async () => {
      await reset.close();
      await example.close();
      await db.end();
    });

    const rest: Rest = {
      secret,
      url: "https://app.example.com/reset-password/{token}",
      deliver: (message) => void mails.push(message),
      worker: "outside",
      log: keptLog(),
    };

    const status = async (path: string, body: unknown, on = reset) =>
      (await byFetch(createHandler(on))({ path: `/api/password_reset${path}`, ...json(body) })).status;

    async function ask(): Promise<string> {
      expect(await status("/", { email: "Ada@Example.com" })).toBe(200);
      await reset.drain();
      const mail = mails.at(-1);
      expect(mail).toMatchObject({ kind: "reset", address: "ada@example.com" });
      return (mail as { token: string }).token;
    }

    const hashOf = async (id: number): Promise<string> =>
      (await db.query("select password_hash from users where id = $1", [id])).rows[0].password_hash;
    const sessions = async () =>
      (await db.query("select cookie_hash from sessions order by 1")).rows.map((row) => row.cookie_hash);

    it("mails a link, sets the password once, and ends the old sessions of that account", async () => {
      const token = await ask();
      expect(await status("/validate_token/", { token })).toBe(200);
      expect(await status("/confirm/", { token, password: "1234" })).toBe(400);
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(200);

      expect(await verify(await hashOf(1), goodPassword)).toBe(true);
      expect(await hashOf(2)).toBe("old");
      expect(await sessions()).toEqual(["g1"]);
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(404);
      expect(await status("/validate_token/", { token })).toBe(404);
      await reset.drain();
      expect(mails.map(({ kind }) => kind)).toEqual(["reset", "changed"]);
    });

    it("lets one of 12 simultaneous confirms win", async () => {
      const token = await ask();
      const attempts = Array.from({ length: 12 }, () =>
        status("/confirm/", { token, password: goodPassword }),
      );
      const statuses = (await Promise.all(attempts)).sort();
      expect(statuses).toEqual([200, ...Array.from({ length: 11 }, () => 404)]);
    });

    it("sends nothing to an account that is not active", async () => {
      await db.query("update users set active = false");
      expect(await status("/", { email: "ada@example.com" })).toBe(200);
      await reset.drain();
      expect(mails).toEqual([]);
    });

    it("keeps password, token and sessions where revokeSessions fails", async () => {
      const token = await ask();
      await db.query("alter table sessions rename to away");
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(503);
      expect(await hashOf(1)).toBe("old");

      await db.query("alter table away rename to sessions");
      expect(await sessions()).toEqual(["a1", "a2", "g1"]);
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(200);
      expect(await sessions()).toEqual(["g1"]);
    });

    /** Makes what comes after `revokeSessions`, the notice to the owner, fail. */
    async function confirmWithoutQueue(token: string, on: PasswordReset<any>): Promise<number> {
      await db.query("alter table resetkit_queue rename to away");
      const answer = await status("/confirm/", { token, password: goodPassword }, on);
      await db.query("alter table away rename to resetkit_queue");
      return answer;
    }

    it("keeps password, token and sessions where something after them fails", async () => {
      const token = await ask();
      expect(await confirmWithoutQueue(token, reset)).toBe(503);
      expect(await hashOf(1)).toBe("old");
      expect(await sessions()).toEqual(["a1", "a2", "g1"]);
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(200);
    });

    it("loses the sessions there if revokeSessions does without the transaction (control)", async () => {
      const { connection, users } = example;
      const careless = users.revokeSessions as (user: any, context: object) => Promise<void>;
      const broken = passwordReset<any>({
        ...rest,
        users: { ...users, revokeSessions: (user) => careless(user, {}) },
        store: sqlStore(connection),
      });
      const token = await ask();
      expect(await confirmWithoutQueue(token, broken)).toBe(503);
      expect(await hashOf(1)).toBe("old");
      expect(await sessions()).toEqual(["g1"]);
      await broken.close();
    });

    usersSuite({ describe, it }, "its accounts", () => ({
      users: example.users,
      identifier: "ada@example.com",
      transaction: sqlStore(example.connection).transaction!,
    }));
  });
}
