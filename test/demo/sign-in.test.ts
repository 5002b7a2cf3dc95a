import { describe, expect, it } from "vitest";
import type { HttpRequest } from "resetkit/types";
import { accounts } from "../../server/src/accounts.js";
import { createAnswers } from "../../server/src/answers.js";
import { openDatabase } from "../../server/src/database.js";
import { createLogin } from "../../server/src/login.js";
import { type Sessions, sessionTable } from "../../server/src/sessions.js";
import { style } from "../../server/src/layout.js";

const credentials = { email: "ada@example.com", password: "the old password" };

/** Signs in, and resets the password while the old one is being verified. */
async function signInDuringReset(sessionsOf: typeof sessionTable) {
  const db = openDatabase(":memory:");
  db.exec(
    `insert into users (email, password_hash, active) values ('${credentials.email}', '#${credentials.password}', 1)`,
  );
  const passwords = {
    hash: async (password: string) => `#${password}`,
    async matches(password: string, stored: string | null) {
      const isMatch = stored === `#${password}`;
      await reset();
      return isMatch;
    },
  };
  const users = accounts(db, passwords);
  async function reset() {
    const user = (await users.findById(1, {}))!;
    const expected = await users.stateOf(user, {});
    expect(await users.setPassword(user, "#the new password", { expected, transaction: db })).toBe(true);
    if (users.revokeSessions !== "none") await users.revokeSessions(user, { transaction: db });
  }
  const sessions = sessionsOf(db);
  const answers = await createAnswers(style, false);
  const login = createLogin({ db, passwords, sessions, answers, secure: false, now: () => 1_000 });
  const { status, headers } = await login.logIn(posted(credentials));
  const { begun } = db.prepare("select count(*) as begun from sessions").get() as { begun: number };
  db.close();
  return { status, cookie: headers["set-cookie"], begun };
}

function posted(value: object): HttpRequest {
  return {
    method: "POST",
    path: "/login",
    query: "",
    header: (name) => (name === "content-type" ? "application/json" : undefined),
    body: () => ({ kind: "parsed", value }),
  };
}

describe("signing in to the demo while a reset runs", () => {
  it("begins no session with the old password", async () => {
    expect(await signInDuringReset(sessionTable)).toEqual({ status: 401, cookie: undefined, begun: 0 });
  });

  it("would begin one that outlives the reset if the hash wasn't compared (control)", async () => {
    const careless = (db: Parameters<typeof sessionTable>[0]): Sessions => ({
      ...sessionTable(db),
      begin({ id }, now) {
        db.prepare("insert into sessions values (?, ?, ?)").run(Buffer.from("cookie"), id, now);
        return "cookie";
      },
    });
    expect(await signInDuringReset(careless)).toMatchObject({ status: 200, begun: 1 });
  });

  it("begins none for an account without a password, whatever is typed", async () => {
    const db = openDatabase(":memory:");
    db.exec("insert into users (email, password_hash, active) values ('sso@example.com', null, 1)");
    const user = { id: 1, email: "sso@example.com", passwordHash: null, active: true };
    expect(sessionTable(db).begin(user, 1_000)).toBeNull();
    db.close();
  });
});
