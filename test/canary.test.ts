import { createHash, randomBytes, scryptSync } from "node:crypto";
import { inspect } from "node:util";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "../src/connections/better-sqlite3.js";
import { passwordReset } from "../src/password-reset.js";
import { memoryStore } from "../src/stores/memory.js";
import { migrate, sqlStore } from "../src/stores/sql.js";
import { randomNumber } from "../src/tokens/generators.js";
import { signedTokens } from "../src/tokens/signed.js";
import { storedTokens } from "../src/tokens/stored.js";
import type { Events, PasswordReset, ResetOptions, Store } from "../src/types.js";
import { aroundPorts } from "./faults/ports.js";
import { keptLog, people, secret, type Person } from "./kit.js";

type Canary = ReturnType<typeof createCanary>;

/** All that one job left where somebody could read it, and what must not be in it. */
function createCanary() {
  const secrets = new Map<string, string>();
  const seen: Buffer[] = [];
  return {
    /** Something that nobody may read. */
    hide(what: string, text: string | undefined): void {
      if (text) secrets.set(text, what);
    },
    /** Something that somebody can read. */
    see(...things: (string | Uint8Array)[]): void {
      for (const thing of things) seen.push(Buffer.from(thing as string), Buffer.from("\n"));
    },
    /** What of the hidden things was seen, and how it was written. */
    leaks(): string[] {
      const all = Buffer.concat(seen);
      return [...secrets].flatMap(([text, what]) =>
        writings(text).flatMap(([how, written]) => (all.includes(written) ? [`${what} (${how})`] : [])),
      );
    },
    size: () => seen.reduce((sum, one) => sum + one.length, 0),
  };
}

/** A text in every encoding in which it could slip out. */
function writings(text: string): [how: string, written: Buffer][] {
  const sha256 = createHash("sha256").update(text).digest();
  const bytes: [string, Buffer][] = [
    ["plain", Buffer.from(text)],
    ["SHA-256", sha256],
  ];
  // A token of ours is itself the writing of its bytes.
  if (/^[\w-]{43}$/.test(text)) bytes.push(["bytes", Buffer.from(text, "base64url")]);
  return [
    ...bytes.flatMap(([how, raw]): [string, Buffer][] => [
      [how, raw],
      [`${how}, hex`, Buffer.from(raw.toString("hex"))],
      [`${how}, HEX`, Buffer.from(raw.toString("hex").toUpperCase())],
      ...[0, 1, 2].flatMap((shift): [string, Buffer][] => [
        [`${how}, base64 at ${shift}`, Buffer.from(inside(raw, shift, "base64"))],
        [`${how}, base64url at ${shift}`, Buffer.from(inside(raw, shift, "base64url"))],
      ]),
    ]),
    ["URL-encoded", Buffer.from(encodeURIComponent(text))],
    ["as a form", Buffer.from(new URLSearchParams({ a: text }).toString().slice(2))],
  ];
}

/** The characters of base64 that are the same whatever stands before and after the bytes. */
function inside(raw: Buffer, shift: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(shift), raw])
    .toString(encoding)
    .replace(/=+$/, "");
  return text.slice(shift === 0 ? 0 : shift + 1, (raw.length + shift) % 3 === 0 ? undefined : -1);
}

const hash = (password: string) => {
  const salt = randomBytes(8);
  return `${salt.toString("hex")}$${scryptSync(password, salt, 16, { N: 16 }).toString("hex")}`;
};

const stores: Record<string, () => Promise<{ store: Store; dump: () => Uint8Array }>> = {
  async memory() {
    const store = memoryStore();
    return { store, dump: () => new Uint8Array() };
  },
  async SQLite() {
    const db = new Database(":memory:");
    await migrate(betterSqlite3(db));
    return { store: sqlStore(betterSqlite3(db)), dump: () => db.serialize() };
  },
};

const kinds: Record<string, () => Partial<ResetOptions<Person>>> = {
  "stored tokens": () => ({ tokens: storedTokens() }),
  "signed tokens": () => ({ tokens: signedTokens() }),
  codes: () => ({ tokens: storedTokens({ generator: randomNumber({ digits: 12 }) }), notifyUnknown: true }),
};

/** Every callback and verb that can fail once, and nothing at all. */
const points = [
  "none",
  ...[
    "findByIdentifier",
    "findById",
    "stateOf",
    "setPassword",
    "revokeSessions",
    "mayReset",
    "hashPassword",
  ].map((name) => `users.${name}`),
  ...["put", "find", "delivered", "lease", "finish", "release", "removeByUser"].map(
    (verb) => `tokens.${verb}`,
  ),
  ...["add", "lease", "done", "retry"].map((verb) => `queue.${verb}`),
  ...["counters.hit", "deliver", "dryRun", "validator", "beforeReset", "afterReset", "tokenCreated"],
];

/** One whole job, in which the calls of one point fail twice and quote all that they were given. */
async function job(storeName: string, kind: string, point: string): Promise<Canary> {
  const canary = createCanary();
  const { store, dump } = await stores[storeName]!();
  const accounts = people("ada.lovelace@example.com");
  const { users, byId } = accounts;
  byId.get(1)!.passwordHash = hash("the Old-passw0rd of ada");
  users.setPassword = (user, password, { expected }) => {
    const stored = byId.get(user.id)!;
    const now = [stored.passwordHash, stored.email, stored.active];
    if (now.some((value, index) => value !== expected[index])) return false;
    stored.passwordHash = point === "users.hashPassword" ? password : hash(password);
    return true;
  };
  if (point === "users.hashPassword") users.hashPassword = hash;

  const clock = { now: Date.UTC(2026, 0, 15, 12) };
  const log = keptLog();
  const tokens: { token: string; code?: string | undefined }[] = [];
  let failures = 2;
  const quote = (name: string, args: unknown) => {
    if (name !== point || failures-- <= 0) return;
    throw new Error(
      `Failed query: update accounts, params: ${inspect(args, { depth: 9, breakLength: Infinity })}`,
    );
  };
  const options: ResetOptions<Person> = {
    users,
    secret,
    store,
    url: "https://app.example.com/reset-password/{token}",
    deliver: Object.assign(
      (message: any) => {
        if (message.token) tokens.push(message);
        quote("deliver", message);
      },
      { dryRun: (message: any) => quote("dryRun", message) },
    ),
    validators: [(password) => (password.length < 12 ? "Too short." : null)],
    worker: "outside",
    clock: () => clock.now,
    log,
    ...kinds[kind]!(),
  };
  const reset = passwordReset<Person>(
    aroundPorts(options, (name, args, call) => {
      if (name === "deliver" || name === "dryRun") return call();
      if (name === "queue.add")
        canary.see(inspect(args, { depth: 9, maxArrayLength: null }), (args[0] as any).sealed);
      quote(name, args);
      return call();
    }),
  );
  listen(reset, canary, quote);
  for (const address of ["ada.lovelace@example.com", "stranger.danger@example.net"])
    canary.hide("an address", address);

  const attempt = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await call();
    } catch (error) {
      const { name, message, stack = "", cause: _, ...rest } = error as Error;
      canary.see(
        name,
        message,
        stack.split("\n    at")[0]!,
        JSON.stringify({ ...rest, code: (error as any).code }),
      );
      return undefined;
    }
  };
  /** Three tries, with time in between, as people and workers do. */
  const insist = async (call: () => Promise<unknown>) => {
    for (let n = 0; n < 3; n++) {
      await attempt(call);
      clock.now += 90_000;
      await attempt(() => reset.drain());
    }
  };

  const context = { ip: "192.0.2.7", userAgent: "a browser", data: { order: 7 } };
  await insist(() => reset.request({ identifier: "ada.lovelace@example.com" }, context));
  await insist(() => reset.request({ identifier: "stranger.danger@example.net" }, context));
  await insist(() => reset.issueFor({ ...byId.get(1)! }, { template: "invitation", wait: true }));
  const passwords = ["Weak-passwd", "a Very-g00d passphrase of ada"];
  for (const password of passwords) canary.hide("a password", password);
  for (const { token, code } of tokens) {
    canary.hide("a token", token);
    canary.hide("a code", code);
  }
  expect(tokens.length).toBeGreaterThan(0);
  const identifier = "ada.lovelace@example.com";
  const last = tokens.at(-1)!;
  for (const token of [last.code ?? "000000000000", `${last.token.slice(0, -1)}~`, last.token]) {
    await insist(() => reset.validate({ token, identifier }, context));
    for (const password of passwords)
      await insist(() => reset.confirm({ token, password, identifier }, context));
  }
  await insist(() => reset.revoke({ ...byId.get(1)! }));
  clock.now += 3 * 3_600_000;
  await insist(() => reset.clearExpired());
  canary.see(...log.lines, dump());
  expect(byId.get(1)!.sessions, "the job came to its end").toBe(0);
  return canary;
}

/** Keeps every event but for the application's own object, and fails in its listeners where asked. */
function listen(
  reset: PasswordReset<Person>,
  canary: Canary,
  quote: (name: string, args: unknown) => void,
): void {
  const names: (keyof Events<Person>)[] = [
    "tokenCreated",
    "beforeReset",
    "afterReset",
    "delivered",
    "refused",
    "failed",
  ];
  for (const name of names) {
    reset.on(name, ({ user: _, ...event }: any) => {
      canary.see(JSON.stringify(event));
      quote(name, _);
    });
  }
}

describe.each(Object.keys(stores))("no token, code, password or address can be read, on %s,", (storeName) => {
  // Sample: one whole job for every point that fails.
  it.each(Object.keys(kinds))("with %s", async (kind) => {
    const leaks: string[] = [];
    for (const point of points) {
      const canary = await job(storeName, kind, point);
      expect(canary.size()).toBeGreaterThan(500);
      for (const leak of canary.leaks()) leaks.push(`${point}: ${leak}`);
    }
    expect(leaks).toEqual([]);
  });
});

it("a planted leak is found, in every encoding (control)", () => {
  for (const text of [
    "ada.lovelace@example.com",
    randomBytes(32).toString("base64url"),
    "a Very-g00d passphrase",
  ]) {
    const written = writings(text);
    expect(written.length).toBeGreaterThanOrEqual(20);
    for (const [how, bytes] of written) {
      const canary = createCanary();
      canary.hide("it", text);
      canary.see("log: before ", Buffer.concat([randomBytes(40), bytes, randomBytes(40)]));
      expect(canary.leaks(), how).toContain(`it (${how})`);
    }
    for (const before of ["", "a", "ab", "abc"]) {
      const canary = createCanary();
      canary.hide("it", text);
      canary.see(Buffer.from(`${before}${text} and more`).toString("base64"));
      expect(canary.leaks()).not.toEqual([]);
    }
  }
});
