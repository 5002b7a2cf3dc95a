/**
 * The host that the recording of django-rest-passwordreset was made on, rebuilt on the real engine: the same
 * accounts, and tokens planted under the recorded keys.
 */
import { passwordReset } from "../../src/password-reset.js";
import { createHandler, type HandlerOptions } from "../../src/http/handler.js";
import { memoryStore } from "../../src/stores/memory.js";
import { randomString } from "../../src/tokens/generators.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { Generator, Handler, Message, ResetOptions, Users } from "../../src/types.js";
import { keptLog, secret } from "../kit.js";

interface User {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  active: boolean;
  /** `null`: no usable password. */
  password: string | null;
  version: number;
}

/** One step of the recording's `setup.control`. */
export type Control =
  | readonly ["token", { readonly username: string; readonly key: string; readonly age_s?: number }]
  | readonly ["user", { readonly username: string; readonly set: { readonly password: string } }];

export interface SeedHost {
  readonly handler: Handler;
  control(step: Control): Promise<void>;
  /** Lets the worker work, and tells what came of it since the last call. */
  outcome(): Promise<{ readonly mails: readonly Message<User>[]; readonly changed: readonly string[] }>;
  passwordOf(username: string): string | null;
}

const oldPassword = "old-Passw0rd!";

export function seedHost(
  {
    generator = randomString(),
    ...options
  }: Partial<ResetOptions<User>> & { readonly generator?: Generator } = {},
  http: HandlerOptions = {},
): SeedHost {
  const accounts = [
    ["alice", "alice@example.org"],
    ["ina", "ina@example.org"],
    ["uma", "uma@example.org"],
    ["mike", "mike@example.org"],
    ["dotless", "mıke@example.org"],
    ["twin1", "twin@example.org"],
    ["twin2", "twin@example.org"],
    ["pair1", "pair@example.org"],
    ["pair2", "PAIR@example.org"],
  ].map(([username, email], index): User => {
    const password = username === "uma" ? null : oldPassword;
    return {
      id: index + 1,
      username: username!,
      email: email!,
      active: username !== "ina",
      password,
      version: 1,
    };
  });
  const byName = (username: string) => accounts.find((user) => user.username === username)!;
  let changed: string[] = [];
  const users: Users<User> = {
    findByIdentifier: (email) =>
      accounts
        .filter((user) => user.email.toLowerCase() === email.toLowerCase())
        .map((user) => ({ ...user })),
    findById: (id) => ({ ...accounts[id - 1]! }),
    stateOf: (user) => [user.version, user.password, user.active],
    setPassword(user, password, { expected }) {
      const stored = accounts[user.id - 1]!;
      const now = [stored.version, stored.password, stored.active];
      if (now.some((value, index) => value !== expected[index])) return false;
      Object.assign(stored, { password, version: stored.version + 1 });
      changed.push(stored.username);
      return true;
    },
    revokeSessions: "none",
    mayReset: (user) => user.active && user.password !== null,
  };

  let planted: string | undefined;
  const clock = { now: Date.UTC(2026, 0, 15, 12) };
  let mails: Message<User>[] = [];
  const log = keptLog();
  const reset = passwordReset<User>({
    users,
    secret,
    store: memoryStore(),
    tokens: storedTokens({
      generator: {
        bits: 64,
        generate: () => planted ?? generator.generate(),
      },
      bound: false,
    }),
    url: "https://app.example.org/reset/{token}",
    deliver: (message) => void mails.push(message),
    throttles: false,
    worker: "outside",
    clock: () => clock.now,
    log,
    ...options,
  });

  return {
    handler: createHandler(reset, { log, ...http }),
    async control([verb, what]) {
      const user = byName(what.username);
      if (verb === "user") {
        Object.assign(user, { password: what.set.password, version: user.version + 1 });
        return;
      }
      // A token comes into being for somebody who may reset, and some time ago.
      const { active } = user;
      user.active = true;
      planted = what.key;
      clock.now -= (what.age_s ?? 0) * 1000;
      await reset.issueFor({ ...user });
      await reset.drain(); // the planted token is made when the mail is
      clock.now += (what.age_s ?? 0) * 1000;
      planted = undefined;
      user.active = active;
      mails = [];
    },
    async outcome() {
      await reset.drain();
      const outcome = { mails: mails.filter(({ kind }) => kind === "reset"), changed };
      mails = [];
      changed = [];
      return outcome;
    },
    passwordOf: (username) => byName(username).password,
  };
}
