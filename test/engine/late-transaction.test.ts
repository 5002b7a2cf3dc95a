/** A statement inside the transaction of a confirm whose answer comes after the transaction was given up. */
import Database from "better-sqlite3";
import { afterEach, expect, it, vi } from "vitest";
import { betterSqlite3 } from "../../src/connections/better-sqlite3.js";
import type { SqlConnection } from "../../src/ports.js";
import { migrate, sqlStore } from "../../src/stores/sql.js";
import { storedTokens } from "../../src/tokens/stored.js";
import { goodPassword, makeKit, people } from "../kit.js";

afterEach(() => void vi.useRealTimers());

/** Holds back the answer to one statement of a transaction, and notes what is sent after it. */
function holding(connection: SqlConnection, held: RegExp) {
  let answer!: () => void;
  let isHeld!: () => void;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const reached = new Promise<void>((resolve) => (isHeld = resolve));
  const later: (string | undefined)[] = [];
  let isOver = false;
  const wrapped: SqlConnection = {
    ...connection,
    async query(statement, values, handle) {
      if (handle && isOver) later.push(statement.name);
      const result = await connection.query(statement, values, handle);
      if (handle && !isOver && held.test(statement.name!)) {
        isOver = true;
        isHeld();
        await answered;
      }
      return result;
    },
  };
  return { connection: wrapped, reached, answer, later };
}

it.each(["finish_leased", "remove_older", "add_entry"])(
  "after the answer to %s came too late, nothing runs with the handle of the transaction",
  async (name) => {
    const db = new Database(":memory:");
    const real = betterSqlite3(db);
    await migrate(real);
    const { connection, reached, answer, later } = holding(real, new RegExp(name));
    const accounts = people("ada@example.com");
    const before = accounts.byId.get(1)!;
    const ended: unknown[] = [];
    Object.assign(accounts.users, {
      lock: (id: number) => ({ ...accounts.byId.get(id)! }),
      // The application's rows aren't in the database of this test, so its part of the rollback is done by hand.
      setPassword: () => true,
      revokeSessions: (user: unknown) => void ended.push(user),
    });
    const kit = makeKit({ store: sqlStore(connection), tokens: storedTokens() }, accounts);
    const { token } = await kit.ask("ada@example.com");

    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const confirmed = kit.reset.confirm({ token, password: goodPassword });
    const refused = expect(confirmed).rejects.toMatchObject({ code: "unavailable" });
    await reached;
    const endedBefore = ended.length;
    await vi.advanceTimersByTimeAsync(30_000);
    await refused;
    answer();
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();

    expect(later).toEqual([]);
    expect(ended).toHaveLength(endedBefore);
    expect(kit.log.lines.filter((line) => line.startsWith("error"))).toEqual([
      expect.stringContaining("didn't end within 30 seconds"),
    ]);
    await kit.reset.drain();
    expect(kit.mails.map(({ kind }) => kind)).toEqual(["reset"]);
    expect(accounts.byId.get(1)).toEqual(before);
    expect(await kit.reset.validate({ token })).toBe(true);
    db.close();
  },
);

it("a setPassword that was given up and takes effect later is followed by ended sessions and a notice", async () => {
  const db = new Database(":memory:");
  const connection = betterSqlite3(db);
  await migrate(connection);
  const accounts = people("ada@example.com");
  const { setPassword } = accounts.users;
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  let goOn!: () => void;
  const until = new Promise<void>((resolve) => (goOn = resolve));
  let isSet: unknown;
  Object.assign(accounts.users, {
    lock: (id: number) => ({ ...accounts.byId.get(id)! }),
    // As with several statements on a handle that is the database itself, of which the first hangs.
    setPassword(...given: Parameters<typeof setPassword>) {
      begin();
      return (isSet = until.then(() => setPassword(...given)));
    },
  });
  const kit = makeKit({ store: sqlStore(connection), tokens: storedTokens() }, accounts);
  const { token } = await kit.ask("ada@example.com");
  const other = await kit.ask("ada@example.com");

  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  const confirmed = kit.reset.confirm({ token, password: goodPassword });
  const refused = expect(confirmed).rejects.toMatchObject({ code: "unavailable" });
  await begun;
  await vi.advanceTimersByTimeAsync(10_000);
  await refused;
  vi.useRealTimers();

  kit.clock.now += 60_000;
  await kit.reset.drain();
  expect(accounts.byId.get(1)).toMatchObject({ sessions: 2 });
  goOn();
  expect(await isSet).toBe(true);
  for (let minute = 0; minute < 5; minute++) {
    kit.clock.now += 60_000;
    await kit.reset.drain();
  }
  expect(accounts.passwordOf(1)).toBe(goodPassword);
  expect(accounts.byId.get(1)).toMatchObject({ sessions: 0 });
  expect(kit.mails.map(({ kind }) => kind)).toEqual(["reset", "reset", "changed"]);
  for (const link of [token, other.token]) expect(await kit.reset.validate({ token: link })).toBe(false);
  db.close();
});
