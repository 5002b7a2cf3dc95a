import { assertFunction, assertKnownKeys, assertInteger } from "../check-options.js";
import { milliseconds } from "../duration.js";
import type { ResetOptions, Store, Users } from "../types.js";

/** The worker's pace, in milliseconds. */
export interface Pace {
  readonly tick: number;
  readonly lease: number;
  readonly deadline: number;
  readonly timeout: number;
  readonly concurrency: number;
}

const optionNames: readonly (keyof ResetOptions<unknown>)[] = [
  "users",
  "secret",
  "store",
  "url",
  "deliver",
  "tokens",
  "lifetime",
  "throttles",
  "validators",
  "worker",
  "maxLive",
  "revealUnknown",
  "notifyUnknown",
  "validateReveals",
  "hashing",
  "delivery",
  "clock",
  "log",
];

const requiredUsers = {
  findByIdentifier: "give a function that finds an account by identifier",
  findById: "give a function that finds an account by id",
  stateOf:
    "give a function that returns the account state that tokens are bound to, such as (user) => [user.passwordHash, user.email, user.active]",
  setPassword: "give a function that stores the new password if the account still matches",
} as const;

const optionalUsers = [
  "idOf",
  "parseId",
  "identifierOf",
  "addressOf",
  "localeOf",
  "mayReset",
  "hashPassword",
  "lock",
] as const;

/** Throws a `TypeError` with the fix for everything that can be known to be wrong before the first request. */
export function checkOptions<U>(options: ResetOptions<U>): void {
  assertKnownKeys(options, optionNames, "passwordReset()");
  checkUsers(options.users);
  assertFunction(
    options.deliver,
    "deliver",
    "give a function that sends a message, such as byEmail({ transport, from })",
  );
  if (options.store !== undefined) checkStore(options.store);
  if (options.worker !== undefined && !["inside", "outside", "waitUntil"].includes(options.worker)) {
    throw new TypeError(`worker is "${options.worker}": write "inside", "outside" or "waitUntil".`);
  }
  if ((options.worker ?? "inside") === "inside" && isOnWorkers()) {
    throw new TypeError(
      'worker "inside" never sends a mail here, since a Worker does nothing after its answer: write worker: "waitUntil".',
    );
  }
  if (options.maxLive !== undefined) assertInteger(options.maxLive, "maxLive", 1, 20);
  checkLock(options);
}

/** The worker's pace with its defaults. */
export function paceOf(given: ResetOptions<unknown>["delivery"] = {}): Pace {
  assertKnownKeys(given, ["tick", "lease", "deadline", "timeout", "concurrency"], "delivery");
  const { tick = "250ms", lease = "30s", deadline = "2h", timeout = "2m", concurrency = 10 } = given;
  assertInteger(concurrency, "delivery.concurrency", 1, 1_000);
  return {
    tick: milliseconds(tick, "delivery.tick"),
    lease: milliseconds(lease, "delivery.lease"),
    deadline: milliseconds(deadline, "delivery.deadline"),
    timeout: milliseconds(timeout, "delivery.timeout"),
    concurrency,
  };
}

export function hashingOf(given: ResetOptions<unknown>["hashing"] = {}): {
  concurrency: number;
  waiting: number;
} {
  assertKnownKeys(given, ["concurrency", "waiting"], "hashing");
  const { concurrency = 2, waiting = 64 } = given;
  assertInteger(concurrency, "hashing.concurrency", 1, 1_000);
  assertInteger(waiting, "hashing.waiting", 0, 100_000);
  return { concurrency, waiting };
}

/** Cloudflare's name for its runtime. */
function isOnWorkers(): boolean {
  return (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
}

function checkUsers<U>(users: Users<U>): void {
  assertKnownKeys(users, [...Object.keys(requiredUsers), "revokeSessions", ...optionalUsers], "users");
  for (const [name, fix] of Object.entries(requiredUsers)) {
    assertFunction(users[name as keyof typeof requiredUsers], `users.${name}`, fix);
  }
  if (users.revokeSessions !== "none") {
    assertFunction(
      users.revokeSessions,
      "users.revokeSessions",
      'give a function that ends the sessions of an account, or write "none" where there are no sessions',
    );
  }
  for (const name of optionalUsers) {
    if (users[name] !== undefined)
      assertFunction(users[name], `users.${name}`, "give a function, or leave it out");
  }
}

function checkStore(store: Store): void {
  const isTokens = typeof store?.tokens?.put === "function";
  const isCounters = typeof store?.counters?.hit === "function";
  if (isTokens && isCounters) return;
  throw new TypeError(
    "store is no store: pass sqlStore(…), redisStore(…), mongodbStore(…) or memoryStore(), or { tokens, counters, queue } of several.",
  );
}

function checkLock<U>({ users, store }: ResetOptions<U>): void {
  if (!users.lock) return;
  const database = store?.tokens.database;
  if (store?.transaction && store.queue && database && store.queue.database === database) return;
  throw new TypeError(
    "users.lock is given, but the store's tokens and queue share no transaction: use one sqlStore(…) on the database of your users, or leave users.lock out.",
  );
}
