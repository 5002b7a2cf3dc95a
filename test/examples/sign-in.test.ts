import { readFile } from "node:fs/promises";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgres } from "../servers/postgres.js";
import { createPeople, type People } from "./people.js";

const root = new URL("../../", import.meta.url);

/** The statement that begins a session, as a page or an example writes it. */
async function statementIn(file: string): Promise<string> {
  const text = await readFile(new URL(file, root), "utf8");
  return /["`](insert into sessions [^"`]*)["`]/.exec(text)![1]!;
}

let people: People;
let other: Pool;

beforeAll(async () => {
  const url = await postgres();
  people = await createPeople(url);
  other = new Pool({ connectionString: url });
});

afterAll(async () => {
  await other?.end();
  await people?.db.end();
});

/** Runs a sign-in whose password was verified before a reset, and which inserts its session while the reset runs. */
async function signInDuringReset(statement: string): Promise<string[]> {
  await people.db.query("update users set password_hash = 'old' where id = 1");
  const reset = await people.db.connect();
  const signIn = await other.connect();
  const { pid } = (await signIn.query("select pg_backend_pid() as pid")).rows[0];
  await reset.query("begin");
  await reset.query("select * from users where id = 1 for update");
  await reset.query("update users set password_hash = 'new' where id = 1");
  await reset.query("delete from sessions where user_id = 1");
  let isOver = false;
  const begun = signIn.query(statement, ["late", 1, "old"]).finally(() => (isOver = true));
  const waiting = "select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'";
  await expect.poll(async () => isOver || (await people.db.query(waiting, [pid])).rowCount === 1).toBe(true);
  await reset.query("commit");
  await begun;
  reset.release();
  signIn.release();
  return (await people.sessions()).filter((cookie) => cookie === "late");
}

describe("a sign-in with the old password that a reset overtakes", () => {
  it.each(["examples/fastify/app.ts", "docs/sessions.md"])(
    "begins no session with the statement of %s",
    async (file) => {
      expect(await signInDuringReset(await statementIn(file))).toEqual([]);
    },
  );

  it("would begin one without for share (control)", async () => {
    const statement = (await statementIn("examples/fastify/app.ts")).replace(" for share", "");
    expect(await signInDuringReset(statement)).toEqual(["late"]);
  });
});
