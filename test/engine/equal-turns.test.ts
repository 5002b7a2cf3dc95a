import Database from "better-sqlite3";
import { createTransport } from "nodemailer";
import { expect, it } from "vitest";
import { betterSqlite3 } from "../../src/connections/better-sqlite3.js";
import { byEmail } from "../../src/delivery/email.js";
import { migrate, sqlStore } from "../../src/stores/sql.js";
import type { SqlConnection } from "../../src/types.js";
import { makeKit, people } from "../kit.js";

/** What was done on behalf of a request, in a list for each turn of the event loop: nobody else gets the process within one. */
async function watchedKit(changes: { dryRunsAtOnce?: boolean } = {}) {
  let turn = 0;
  let done: { turn: number; what: string }[] = [];
  const note = (what: string) => void done.push({ turn, what });

  const sqlite = betterSqlite3(new Database(":memory:"));
  await migrate(sqlite);
  const connection: SqlConnection = {
    ...sqlite,
    query(statement, ...given) {
      const name = nameOf(statement.name!);
      // Asked at the start of a worker and every ten minutes, before anything is leased.
      if (!/^(?:waiting|foreign)_entries/.test(name)) note(name);
      return sqlite.query(statement, ...given);
    },
  };
  const accounts = people("known@example.com", "inactive@example.com", "capped@example.com");
  accounts.byId.get(2)!.active = false;
  const { findByIdentifier } = accounts.users;
  accounts.users.findByIdentifier = (...given) => {
    note("look up");
    return findByIdentifier(...given);
  };
  const deliver = byEmail({ transport: watchedTransport(note), from: "no-reply@example.com" });
  if (changes.dryRunsAtOnce) deliver.dryRun = async () => void ["compose", "build"].forEach(note);
  const { reset } = makeKit({ store: sqlStore(connection), deliver }, accounts);

  return async (identifier: string) => {
    await reset.request({ identifier });
    done = [];
    let immediate = setImmediate(function next() {
      turn++;
      immediate = setImmediate(next);
    });
    await reset.drain();
    clearImmediate(immediate);
    return inTurns(done);
  };
}

/** nodemailer, which builds each message to its last byte and sends it nowhere. */
function watchedTransport(note: (what: string) => void) {
  const transport = createTransport({ streamTransport: true, buffer: true });
  transport.use("compile", (_mail, next) => {
    note("compose");
    next();
  });
  transport.use("stream", ({ message }, next) => {
    const createReadStream = message.createReadStream.bind(message);
    message.createReadStream = (...given) => {
      note("build");
      return createReadStream(...given);
    };
    next();
  });
  return transport;
}

/** A stand-in's row is deleted where an account's is marked. */
function nameOf(statement: string): string {
  return statement
    .replace("resetkit_", "")
    .replace(/_\d$/, "")
    .replace(/^(?:deliver|finish_token)$/, "settle");
}

function inTurns(done: readonly { turn: number; what: string }[]): string[] {
  const turns = new Map<number, string[]>();
  for (const { turn, what } of done) turns.set(turn, [...(turns.get(turn) ?? []), what]);
  return [...turns.values()].map((parts) => parts.join(", "));
}

// A write ends a turn, since it shares its commit with the other writes of that turn.
const lease = ["due_entries, lease_entry", "due_entries"];
const lookUp = ["refund", "look up"];
const mail = [
  "hit_returning",
  "account_rows, insert_token",
  "compose",
  "build",
  "settle",
  "done_entry",
  "due_entries",
];

it.each(["known@example.com", "unknown@example.com", "inactive@example.com"])(
  "what is done for %s holds the process no longer than a step at a time",
  async (identifier) => {
    // The first round of a worker also looks for entries of the future, before it knows of any.
    const [first, ...others] = lease;
    const leased = [`list_entries, ${first}`, ...others];
    expect(await (await watchedKit())(identifier)).toEqual([...leased, ...lookUp, ...mail]);
  },
);

it("and so it does for an account that has had its mails, whose rows are looked at in two turns more", async () => {
  const workFor = await watchedKit();
  for (let n = 0; n < 3; n++) await workFor("capped@example.com");
  expect(await workFor("capped@example.com")).toEqual([
    ...lease,
    ...lookUp,
    "hit_returning",
    "account_rows, refund",
    ...mail,
  ]);
});

it("a stand-in whose mail is built in the turn in which it is composed is told apart (control)", async () => {
  const workFor = await watchedKit({ dryRunsAtOnce: true });
  expect(await workFor("known@example.com")).toContain("compose");
  expect(await workFor("unknown@example.com")).toContain("compose, build");
});
