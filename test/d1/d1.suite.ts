/** The store suite on D1, as Cloudflare's own simulator has it. */
import { describe, expect, it } from "vitest";
import { d1 } from "resetkit/connections/d1";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { sqlUsers } from "resetkit/users/sql";
import { goodPassword, makeKit } from "../kit.js";
import { simulator } from "../servers/miniflare.js";
import { sqlSuite } from "../servers/sql-suite.js";

const script = "export default { fetch: () => new Response() };";

async function open() {
  const worker = await simulator({ script, d1Databases: ["DB"] });
  return { db: await worker.getD1Database("DB"), close: () => worker.dispose() };
}

sqlSuite(
  "D1 of Cloudflare's simulator",
  async () => {
    const { db, close } = await open();
    return { connection: d1(db), close };
  },
  ["transaction"],
);

describe("a reset on D1 of Cloudflare's simulator", () => {
  it("has one winner of 50 concurrent confirms", async () => {
    const { db, close } = await open();
    const connection = d1(db);
    await db.exec("create table users (id integer primary key, email text not null, password_hash text)");
    await db.exec("create table sessions (user_id integer not null)");
    await db.exec("insert into users values (1, 'ada@example.com', 'old')");
    await db.exec("insert into sessions values (1)");
    await migrate(connection);
    const users = sqlUsers(connection, {
      table: "users",
      identifier: "email",
      passwordHash: "password_hash",
      hashPassword: (password) => `${crypto.randomUUID()} ${password}`,
      sessions: { table: "sessions", userId: "user_id" },
    });
    const { reset, ask } = makeKit({ users: users as never, store: sqlStore(connection) });
    const { token } = await ask("ada@example.com");
    const confirms = Array.from({ length: 50 }, () => reset.confirm({ token, password: goodPassword }));
    const ends = await Promise.allSettled(confirms);
    expect(ends.filter(({ status }) => status === "fulfilled").length).toBe(1);
    const [user] = (await db.prepare("select password_hash from users").all()).results;
    expect(user.password_hash).toContain(goodPassword);
    expect((await db.prepare("select * from sessions").all()).results).toEqual([]);
    await close();
  });
});
