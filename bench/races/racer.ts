/**
 * One of the processes that race: so many connections, each with an engine of its own.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { passwordReset } from "resetkit";
import type { Users } from "resetkit/types";
import type { Person } from "./accounts.js";
import { open, type Opened } from "./databases.js";
import { type Answers, type Mode, type Round, secret, type Start } from "./messages.js";

type Confirm = (token: string, password: string) => Promise<unknown>;

const [{ track, connections, name }] = (await once(process, "message")) as [Start];
const errors: string[] = [];
// One Database per process is how SQLite is used; its callers share it.
const opened = Array.from({ length: track.database === "sqlite" ? 1 : connections }, () => open(track));
const confirms = opened.map(confirmsOf);

process.on("message", async (round: Round | "end") => {
  if (round === "end") {
    for (const one of opened) await one.close();
    return process.disconnect();
  }
  process.send!(await run(round));
});
// The first look-up connects; connecting is no part of the race.
await Promise.all(opened.map((one) => one.accounts.users.findById(1, {})));
process.send!("ready");

async function run({ mode, tokens, at }: Round): Promise<Answers> {
  await pause(at - Date.now());
  const passwords: string[] = [];
  const codes = await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const password = `${name} ${index} ${randomUUID()}`;
      try {
        await confirms[index % confirms.length]![mode](tokens[index % tokens.length]!, password);
        passwords.push(password);
        return "ok";
      } catch (error) {
        return String((error as { code?: unknown }).code ?? error);
      }
    }),
  );
  return { codes, passwords, errors: errors.splice(0) };
}

function confirmsOf(one: Opened): Record<Mode, Confirm> {
  const { users, locking } = one.accounts;
  const steps = asResetkit(one, users);
  const lock = one.canLock ? asResetkit(one, locking) : steps;
  return { steps, lock, two: steps, "two, lock": lock, seed: asTheSeed(one) };
}

function asResetkit({ store }: Opened, users: Users<Person>): Confirm {
  const keep = (message: string) => void errors.push(message);
  const reset = passwordReset({
    users,
    store,
    secret,
    url: "https://app.example.com/reset/{token}",
    deliver: Object.assign(() => undefined, { dryRun: () => undefined }),
    validators: [],
    throttles: false,
    worker: "outside",
    log: { info: keep, warn: keep, error: keep },
  });
  return (token, password) => reset.confirm({ token, password });
}

/** The way of django-rest-passwordreset 1.5: the row is looked up, the password set, the rows deleted. */
function asTheSeed({ seed, accounts }: Opened): Confirm {
  return async (token, password) => {
    const userId = await seed.select(token);
    if (userId === null) throw Object.assign(new Error("no such token"), { code: "invalid_token" });
    await accounts.setPasswordBlindly(userId, password);
    await seed.deleteAllOf(token, userId);
  };
}
