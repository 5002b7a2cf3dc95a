/**
 * What most tests need: a few accounts, a clock that stands still, mails that are kept, and an engine on them.
 */
import { passwordReset } from "../src/password-reset.js";
import { memoryStore } from "../src/stores/memory.js";
import type { Log, Message, PasswordReset, ResetMessage, ResetOptions, Users } from "../src/types.js";

export interface Person {
  id: number;
  email: string;
  passwordHash: string;
  active: boolean;
  sessions: number;
}

export const secret = "a secret of the tests: 0123456789 abcdefghijklmnopqrstuvwxyz";
export const goodPassword = "Correct-horse-9";
/** The variables by which platforms with a reverse proxy in front are known. */
export const platforms = [
  "DYNO",
  "RENDER",
  "FLY_APP_NAME",
  "RAILWAY_ENVIRONMENT",
  "VERCEL",
  "NETLIFY",
  "K_SERVICE",
];

/** Accounts in a map. The hash is none, but it has a salt, so the same password gives another state. */
export function people(...emails: string[]) {
  const byId = new Map<number, Person>();
  let salt = 0;
  const hash = (password: string) => `#${++salt}#${password}`;
  for (const email of emails) {
    const id = byId.size + 1;
    byId.set(id, { id, email, passwordHash: hash("old-Passw0rd!"), active: true, sessions: 2 });
  }
  const calls = { findByIdentifier: 0, findById: 0, setPassword: 0, hashes: 0 };
  const users: { -readonly [Name in keyof Users<Person>]: Users<Person>[Name] } = {
    findByIdentifier(identifier) {
      calls.findByIdentifier++;
      const asked = identifier.toLowerCase();
      return [...byId.values()]
        .filter(({ email }) => email.toLowerCase() === asked)
        .map((found) => ({ ...found }));
    },
    findById(id) {
      calls.findById++;
      const found = byId.get(id);
      return found && { ...found };
    },
    stateOf: (user) => [user.passwordHash, user.email, user.active],
    async setPassword(user, password, { expected }) {
      calls.setPassword++;
      await Promise.resolve();
      const stored = byId.get(user.id);
      if (!stored) return false;
      const now = [stored.passwordHash, stored.email, stored.active];
      if (now.some((value, index) => value !== expected[index])) return false;
      stored.passwordHash = hash(password);
      return true;
    },
    revokeSessions(user) {
      byId.get(user.id)!.sessions = 0;
    },
    mayReset: (user) => user.active,
  };
  const passwordOf = (id: number) => byId.get(id)!.passwordHash.replace(/^#\d+#/, "");
  return { users, byId, calls, passwordOf };
}

export interface Kit extends ReturnType<typeof people> {
  readonly reset: PasswordReset<Person>;
  readonly mails: Message<Person>[];
  readonly log: Log & { readonly lines: string[] };
  readonly clock: { now: number };
  /** Asks for a reset and gives the message that came of it. */
  ask(email: string): Promise<ResetMessage<Person>>;
}

export function makeKit(
  options: Partial<ResetOptions<Person>> = {},
  accounts = people("ada@example.com"),
): Kit {
  const mails: Message<Person>[] = [];
  const clock = { now: Date.UTC(2026, 0, 15, 12) };
  const log = keptLog();
  const reset = passwordReset<Person>({
    users: accounts.users,
    secret,
    store: memoryStore(),
    url: "https://app.example.com/reset-password/{token}",
    deliver: (message) => void mails.push(message),
    throttles: false,
    worker: "outside",
    clock: () => clock.now,
    log,
    ...options,
  });
  const ask = async (email: string) => {
    const before = mails.length;
    await reset.request({ identifier: email });
    await reset.drain();
    const mail = mails.slice(before).find((message) => message.kind === "reset");
    if (!mail) throw new Error(`no mail came for ${email}`);
    return mail;
  };
  return { ...accounts, reset, mails, log, clock, ask };
}

export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return { lines, info: keep("info"), warn: keep("warn"), error: keep("error") };
}
