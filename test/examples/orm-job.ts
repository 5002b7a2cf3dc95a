import { verify } from "@node-rs/argon2";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { passwordReset } from "resetkit";
import { createHandler } from "resetkit/http";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { usersSuite } from "resetkit/testing";
import type { Message, PasswordReset, ResetOptions, SqlConnection, Users } from "resetkit/types";
import { byFetch, json } from "../http/drive.js";
import { goodPassword, keptLog, secret } from "../kit.js";
import { postgres } from "../servers/postgres.js";
import { createPeople, type People } from "./people.js";

type Rest = Omit<ResetOptions<any>, "users" | "store">;

/** What an example gives for a database that has its tables. */
export interface OrmExample {
  readonly connection: SqlConnection;
  readonly users: Users<any>;
  /** Whether a call that is made inside a transaction without its handle is refused. */
  readonly refusesOutside?: boolean;
  createReset(options: Rest): PasswordReset<any>;
  close(): Promise<unknown>;
}

/** Drives an example through the whole job, on a real PostgreSQL. */
export function ormJob(name: string, open: (url: string) => Promise<OrmExample>): void {
  describe(`the example for ${name}`, () => {
    let people: People;
    let example: OrmExample;
    let reset: PasswordReset<any>;
    const mails: Message<any>[] = [];

    beforeEach(async () => {
      const url = await postgres();
      people = await createPeople(url);
      example = await open(url);
      await migrate(example.connection);
      mails.length = 0;
      reset = example.createReset(rest);
    });

    afterEach(async () => {
      await reset.close();
      await example.close();
      await people.db.end();
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

    async function ask(email = "Ada@Example.com"): Promise<string> {
      expect(await status("/", { email })).toBe(200);
      await reset.drain();
      const mail = mails.at(-1);
      expect(mail).toMatchObject({ kind: "reset", address: email.toLowerCase() });
      return (mail as { token: string }).token;
    }

    it("mails a link, sets the password once, and ends the old sessions of that account", async () => {
      const token = await ask();
      expect(await status("/validate_token/", { token })).toBe(200);
      expect(await status("/confirm/", { token, password: "1234" })).toBe(400);
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(200);

      expect(await verify(await people.hashOf(1), goodPassword)).toBe(true);
      expect(await people.hashOf(2)).toBe("old");
      expect(await people.sessions()).toEqual(["g1"]);
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

    it("lets an account without a password set its first one", async () => {
      const token = await ask("new@example.com");
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(200);
      expect(await verify(await people.hashOf(3), goodPassword)).toBe(true);
    });

    it("sends nothing to an account that is not active", async () => {
      await people.db.query("update users set active = false");
      expect(await status("/", { email: "ada@example.com" })).toBe(200);
      await reset.drain();
      expect(mails).toEqual([]);
    });

    it("keeps password, token and sessions where revokeSessions fails", async () => {
      const token = await ask();
      await people.db.query(`
        create function refuse() returns trigger language plpgsql as
          $$ begin raise exception 'No space left.' using errcode = 'disk_full'; end $$;
        create trigger refuse before delete on sessions for each row execute function refuse();`);
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(503);
      expect(await people.hashOf(1)).toBe("old");

      await people.db.query("drop trigger refuse on sessions");
      expect(await people.sessions()).toEqual(["a1", "a2", "g1"]);
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(200);
      expect(await people.sessions()).toEqual(["g1"]);
    });

    /** Makes what comes after `revokeSessions`, the notice to the owner, fail. */
    async function confirmWithoutQueue(token: string, on: PasswordReset<any>): Promise<number> {
      await people.db.query("alter table resetkit_queue rename to away");
      const answer = await status("/confirm/", { token, password: goodPassword }, on);
      await people.db.query("alter table away rename to resetkit_queue");
      return answer;
    }

    it("keeps password, token and sessions where something after them fails", async () => {
      const token = await ask();
      expect(await confirmWithoutQueue(token, reset)).toBe(503);
      expect(await people.hashOf(1)).toBe("old");
      expect(await people.sessions()).toEqual(["a1", "a2", "g1"]);
      expect(await status("/confirm/", { token, password: goodPassword })).toBe(200);
    });

    it("loses the sessions there if revokeSessions does without the transaction, or refuses it (control)", async () => {
      const { connection, users } = example;
      const careless = users.revokeSessions as (user: any, context: object) => Promise<void>;
      const broken = passwordReset<any>({
        ...rest,
        users: { ...users, revokeSessions: (user) => careless(user, {}) },
        store: sqlStore(connection),
      });
      const token = await ask();
      const answer = await confirmWithoutQueue(token, broken);
      // A port that works on our connection refuses a call without its handle: a mistake of the application, and no harm.
      const [refused, lost] = [[500, ["a1", "a2", "g1"]] as const, [503, ["g1"]] as const];
      expect([answer, await people.sessions()]).toEqual(example.refusesOutside ? refused : lost);
      expect(await people.hashOf(1)).toBe("old");
      await broken.close();
    });

    usersSuite({ describe, it }, "its accounts", () => ({
      users: example.users,
      identifier: "ada@example.com",
      withoutPassword: "new@example.com",
      sessions: {
        start: ({ id }) => people.db.query("insert into sessions values ($1, $2)", [randomUUID(), id]),
        count: async ({ id }) =>
          (await people.db.query("select from sessions where user_id = $1", [id])).rowCount!,
      },
      transaction: sqlStore(example.connection).transaction!,
    }));
  });
}
