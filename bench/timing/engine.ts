import nodemailer from "nodemailer";
import { passwordReset } from "resetkit";
import { byEmail } from "resetkit/delivery/email";
import { sqlStore } from "resetkit/stores/sql";
import type { PasswordReset, SqlConnection, SqlStatement, SqlValue, Store } from "resetkit/types";
import { maxLive } from "./classes.js";
import type { Ended, Start } from "./messages.js";
import { spend } from "../spend.js";

interface Person {
  readonly id: number;
  readonly email: string;
  readonly passwordHash: string;
  readonly active: boolean;
}

export interface Engine {
  readonly reset: PasswordReset<Person>;
  readonly ended: Ended;
  /** Lets the worker's next step off the queue take so many microseconds longer, if the worker is inside. */
  delay(micros: number): void;
}

/** The library as an application has it: accounts and store in one database, mails built by nodemailer. */
export function engineOn(connection: SqlConnection, { worker, tick }: Start): Engine {
  const log: string[] = [];
  const keep = (message: string) => void log.push(message);
  const { delay, store } = delayable(sqlStore(connection));
  const reset = passwordReset<Person>({
    users: peopleOn(connection),
    secret: "a secret of the timing: 0123456789 abcdefghijklmnopqrstuvwxyz",
    store,
    url: "https://app.example.com/reset-password/{token}",
    // Builds the message to its last byte and takes it at once.
    deliver: byEmail({
      transport: nodemailer.createTransport({ streamTransport: true, buffer: true }),
      from: "Example <no-reply@example.com>",
    }),
    throttles: false,
    worker: { mode: worker, tick },
    maxLive,
    log: { info: keep, warn: keep, error: keep },
  });
  const events: Record<string, number> = {};
  const count = (name: string) => void (events[name] = (events[name] ?? 0) + 1);
  reset.on("delivered", () => count("delivered"));
  reset.on("refused", ({ reason }) => count(reason));
  reset.on("failed", () => count("failed"));
  return { reset, ended: { events, log }, delay };
}

/** A store whose queue can be told to take longer when it next hands out something. */
function delayable(store: Store) {
  const queue = store.queue!;
  let owed = 0;
  const lease: typeof queue.lease = async (...given) => {
    const entries = await queue.lease(...given);
    if (entries.length > 0) {
      spend(owed);
      owed = 0;
    }
    return entries;
  };
  return { store: { ...store, queue: { ...queue, lease } }, delay: (micros: number) => void (owed = micros) };
}

function peopleOn(connection: SqlConnection): Parameters<typeof passwordReset<Person>>[0]["users"] {
  const sign = connection.dialect === "postgres" ? "$1" : "?";
  const select = (name: string, column: string): SqlStatement => ({
    name: `people_by_${name}`,
    rows: true,
    text: `select id, email, password_hash as hash, active from people where ${column} = ${sign}`,
  });
  const [byEmailOf, byId] = [select("email", "email"), select("id", "id")];
  const find = async (statement: SqlStatement, value: SqlValue) =>
    (await connection.query(statement, [value])).rows.map((row) => ({
      id: Number(row.id),
      email: String(row.email),
      passwordHash: String(row.hash),
      active: Number(row.active) === 1,
    }));
  return {
    findByIdentifier: (email) => find(byEmailOf, email),
    findById: async (id) => (await find(byId, id))[0],
    stateOf: (user) => [user.passwordHash, user.email, user.active],
    mayReset: (user) => user.active && user.passwordHash !== "",
    setPassword: () => {
      throw new Error("Nobody confirms here.");
    },
    revokeSessions: "none",
  };
}
