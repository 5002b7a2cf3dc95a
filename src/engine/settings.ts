import {
  assertFunction,
  assertInteger,
  assertKnownKeys,
  collectFaults,
  UsageError,
} from "../check-options.js";
import { createKeyring } from "../crypto/keyring.js";
import { isWords } from "../crypto/weak-secret.js";
import { milliseconds } from "../duration.js";
import { isLoopback } from "../identity/loopback.js";
import { freezingPlatform, isProduction, isTest } from "../runtime/environment.js";
import { consoleLog, guardedLog } from "../runtime/log.js";
import { memoryCounters } from "../stores/memory/counters.js";
import { memoryQueue } from "../stores/memory/queue.js";
import { storedTokens } from "../tokens/stored.js";
import type {
  CounterStore,
  Keyring,
  Log,
  RequestQueue,
  ResetOptions,
  Store,
  TokenStrategy,
  Users,
  Validator,
  WorkerMode,
  WorkerOptions,
} from "../types.js";
import { createLink } from "./link.js";
import { createPolicy, type Policy } from "./policy.js";
import { createThrottles, type CountedThrottles } from "./throttle.js";

/** The options, checked, with their defaults filled in: nothing reads an option a second time. */
export interface Settings<U> extends Pick<
  ResetOptions<U>,
  "users" | "deliver" | "validateReveals" | "store" | "secondFactor"
> {
  readonly keys: Keyring;
  /** What the store doesn't have is kept in memory: with signed tokens alone there may be no store at all. */
  readonly counters: CounterStore;
  readonly queue: RequestQueue;
  /** The first issues tokens, all verify them. */
  readonly strategies: readonly TokenStrategy[];
  readonly lifetimeOf: (user: U) => number;
  /** Milliseconds, if the lifetime is the same for everyone. */
  readonly lifetime: number | undefined;
  readonly linkOf: (user: U, token: string) => string;
  readonly throttles: CountedThrottles;
  readonly validators: readonly Validator<U>[] | (() => Promise<readonly Validator<U>[]>);
  readonly policy: Policy<U>;
  readonly mode: WorkerMode;
  readonly pace: Pace;
  readonly maxLive: number;
  readonly revealUnknown: boolean;
  readonly notifyUnknown: boolean;
  readonly hashing: { readonly concurrency: number; readonly waiting: number };
  readonly clock: () => number;
  readonly log: Log;
}

/** The worker's timing, in milliseconds. */
export interface Pace {
  readonly tick: number;
  readonly lease: number;
  readonly deadline: number;
  readonly timeout: number;
  readonly concurrency: number;
  /** Maximum number of entries in the queue. */
  readonly maxWaiting: number;
}

/**
 * Checks all options of `passwordReset()`. Throws a `TypeError` that lists everything that can be known to be wrong
 * before the first request, each with its fix; logs what weakens security.
 */
export function readOptions<U>(options: ResetOptions<U>, handlers: readonly object[] = []): Settings<U> {
  const { check, throwAll } = collectFaults("passwordReset()");
  check(() => assertKnownKeys(options, optionNames, "passwordReset()", movedOptions));
  const { users, store, deliver, url, validateReveals, secondFactor } = options ?? {};
  const { maxLive = 3, clock = Date.now } = options ?? {};
  const { revealUnknown = false, notifyUnknown = false } = options ?? {};
  const log = guardedLog(options?.log ?? consoleLog);
  check(() => checkSwitches(options));
  check(() => checkUsers(users));
  check(() =>
    assertFunction(
      deliver,
      "deliver",
      "pass a function that sends a message, such as byEmail({ transport, from })",
    ),
  );
  if (store !== undefined) check(() => checkStore(store));
  if (secondFactor !== undefined) check(() => checkSecondFactor(secondFactor));
  check(() => assertInteger(maxLive, "maxLive", 1, 20));
  check(() => checkLock(users, store));
  const keys = check(() => createKeyring(options?.secret));
  const counters = store?.counters ?? memoryCounters();
  const validators = options?.validators ?? defaultValidators;
  const { mode, pace } = check(() => readWorker(options?.worker)) ?? {};
  const settings = {
    ...{
      users,
      store,
      deliver,
      validateReveals,
      secondFactor,
      maxLive,
      clock,
      log,
      keys,
      counters,
      revealUnknown,
      notifyUnknown,
    },
    ...{ mode, pace, queue: store?.queue ?? memoryQueue() },
    ...check(() => readLifetime(options)),
    strategies: check(() => strategiesOf(options?.tokens)),
    linkOf: check(() => createLink(url)),
    throttles: check(() =>
      createThrottles(options?.throttles, { keys, counters, log, isLocal: () => isLocal(url, handlers) }),
    ),
    validators,
    policy: check(() => createPolicy(validators)),
    hashing: check(() => readHashing(options?.hashing)),
  };
  throwAll();
  for (const warning of warningsOf(options)) log.warn(warning);
  if ([options.secret].flat().some(isWords)) {
    log.warn("secret is made of words, which can be guessed. Make a random one with: npx resetkit secret");
  }
  // Few test doubles have one.
  if (!deliver.dryRun && !isTest()) {
    log.info(
      "deliver has no dryRun, so requests for unknown accounts take less work, which can be measured. Add a deliver.dryRun that does all but send, as byEmail() does.",
    );
  }
  return settings as Settings<U>;
}

/**
 * Whether only the developer uses this: outside production, with links to this computer, and no request through a
 * proxy.
 */
function isLocal(url: unknown, handlers: readonly { readonly isForwarded?: boolean }[]): boolean {
  if (isProduction() !== false || handlers.some(({ isForwarded }) => isForwarded)) return false;
  return typeof url === "string" && isLoopback(new URL(url).hostname);
}

// `as const`, so that `assertKnownKeys` lets the compiler find an option that's missing here.
const optionNames = [
  "users",
  "secret",
  "store",
  "url",
  "deliver",
  "tokens",
  "lifetime",
  "throttles",
  "secondFactor",
  "validators",
  "worker",
  "maxLive",
  "revealUnknown",
  "notifyUnknown",
  "validateReveals",
  "hashing",
  "clock",
  "log",
] as const;

const movedOptions = { delivery: "worker: { mode, tick, lease, deadline, timeout, concurrency }" };

const requiredUsers = {
  findByIdentifier: "pass a function that looks an account up by what was typed",
  findById: "pass a function that looks an account up by its id",
  stateOf:
    "pass a function that returns what tokens are bound to, such as (user) => [user.passwordHash, user.email, user.active]",
  setPassword: "pass a function that stores the new password if the account still matches `expected`",
} as const;

const optionalUsers = {
  normalize: true,
  idOf: true,
  parseId: true,
  identifierOf: true,
  addressOf: true,
  localeOf: true,
  mayReset: true,
  hashPassword: true,
  lock: true,
  check: true,
} satisfies Record<
  Exclude<keyof Required<Users<unknown>>, keyof typeof requiredUsers | "revokeSessions">,
  true
>;

/** Without types, `"false"` would count as true, and a log without `error` would hide every failure. */
function checkSwitches<U>(options: ResetOptions<U> | undefined): void {
  const given = (options ?? {}) as Readonly<Record<string, unknown>>;
  for (const name of ["revealUnknown", "notifyUnknown"]) {
    const value = given[name];
    if (value === undefined || typeof value === "boolean") continue;
    throw new UsageError(`${name} is ${JSON.stringify(value)}. Use true or false.`);
  }
  for (const name of ["validateReveals", "clock"]) {
    if (given[name] !== undefined) assertFunction(given[name], name, "pass a function, or leave it out");
  }
  const { log } = given;
  if (log === undefined) return;
  for (const level of ["info", "warn", "error"]) {
    assertFunction((log as Log | null)?.[level as "info"], `log.${level}`, "pass a log such as console");
  }
}

function checkUsers<U>(users: Users<U>): void {
  const known = [...Object.keys(requiredUsers), "revokeSessions", ...Object.keys(optionalUsers)];
  // A class has other fields, such as its database, so an unknown name is a typo on plain objects only.
  if (isPlainObject(users)) assertKnownKeys(users, known, "users");
  else if (typeof users !== "object" || users === null) {
    throw new UsageError(
      `users is ${String(users)}. Pass an object with ${Object.keys(requiredUsers).join(", ")}.`,
    );
  }
  for (const [name, fix] of Object.entries(requiredUsers)) {
    assertFunction(users[name as keyof typeof requiredUsers], `users.${name}`, fix);
  }
  if (users.revokeSessions !== "none") {
    assertFunction(
      users.revokeSessions,
      "users.revokeSessions",
      'pass a function that ends the sessions of an account, or "none" if there are no sessions',
    );
  }
  for (const name of Object.keys(optionalUsers) as (keyof typeof optionalUsers)[]) {
    if (users[name] !== undefined)
      assertFunction(users[name], `users.${name}`, "pass a function, or leave it out");
  }
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function checkStore(store: Store): void {
  const isTokens = typeof store?.tokens?.put === "function";
  const isCounters = typeof store?.counters?.hit === "function";
  if (isTokens && isCounters) return;
  throw new UsageError(
    "store must have `tokens` and `counters`. Pass sqlStore(…), redisStore(…), mongodbStore(…) or memoryStore(), or { tokens, counters, queue } of several.",
  );
}

function checkSecondFactor(given: ResetOptions<unknown>["secondFactor"]): void {
  assertKnownKeys(given, ["required", "verify"], "secondFactor");
  for (const name of ["required", "verify"] as const) {
    assertFunction(given?.[name], `secondFactor.${name}`, "pass a function that returns true or false");
  }
}

function checkLock(users: Users<any>, store: Store | undefined): void {
  if (!users?.lock) return;
  const database = store?.tokens?.database;
  if (store?.transaction && store.queue && database && store.queue.database === database) return;
  throw new UsageError(
    "users.lock needs a store whose tokens and queue share one transaction. Use one sqlStore(…) on the database of your users, or leave users.lock out.",
  );
}

function strategiesOf(
  given: TokenStrategy | readonly TokenStrategy[] = storedTokens(),
): readonly TokenStrategy[] {
  const list = (Array.isArray(given) ? given : [given]) as readonly TokenStrategy[];
  for (const strategy of list) {
    assertFunction(
      strategy?.connect,
      "tokens",
      "pass storedTokens(), signedTokens() or djangoTokens(), or an array of them",
    );
  }
  if (list.length === 0)
    throw new UsageError("tokens is an empty array. Leave it out, or name a kind of token.");
  return list;
}

function readLifetime<U>(options: ResetOptions<U>): Pick<Settings<U>, "lifetimeOf" | "lifetime"> {
  const { lifetime = "24h" } = options ?? {};
  if (typeof lifetime !== "function") {
    const fixed = milliseconds(lifetime, "lifetime");
    if (typeof lifetime === "number" && lifetime < 60_000) {
      throw new UsageError(
        `lifetime is ${lifetime}, and a number is in milliseconds. Write a unit, such as "1h" or "${lifetime}s".`,
      );
    }
    return { lifetimeOf: () => fixed, lifetime: fixed };
  }
  return { lifetimeOf: (user) => milliseconds(lifetime(user), "lifetime(user)"), lifetime: undefined };
}

const modes: readonly unknown[] = ["inside", "outside", "waitUntil"] satisfies WorkerMode[];

function readWorker(given: WorkerMode | WorkerOptions = "inside"): { mode: WorkerMode; pace: Pace } {
  const options: WorkerOptions = typeof given === "string" ? { mode: given } : given;
  assertKnownKeys(
    options,
    ["mode", "tick", "lease", "deadline", "timeout", "concurrency", "maxWaiting"],
    "worker",
  );
  const {
    mode = "inside",
    tick = "250ms",
    lease = "30s",
    deadline = "2h",
    timeout = "2m",
    concurrency = 100,
    maxWaiting = 100_000,
  } = options;
  if (!modes.includes(mode)) {
    throw new UsageError(`worker is ${JSON.stringify(mode)}. Use "inside", "outside" or "waitUntil".`);
  }
  if (mode === "inside" && isOnWorkers()) {
    throw new UsageError(
      'worker is "inside", which never sends an email here: Cloudflare Workers do nothing after a response. Set worker: "waitUntil".',
    );
  }
  assertInteger(concurrency, "worker.concurrency", 1, 1_000);
  assertInteger(maxWaiting, "worker.maxWaiting", 100, 1e9);
  return {
    mode,
    pace: {
      tick: milliseconds(tick, "worker.tick"),
      lease: milliseconds(lease, "worker.lease"),
      deadline: milliseconds(deadline, "worker.deadline"),
      timeout: milliseconds(timeout, "worker.timeout"),
      concurrency,
      maxWaiting,
    },
  };
}

/** Cloudflare's name for its runtime. */
function isOnWorkers(): boolean {
  return (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
}

function readHashing(given: ResetOptions<unknown>["hashing"] = {}): Settings<unknown>["hashing"] {
  assertKnownKeys(given, ["concurrency", "waiting"], "hashing");
  const { concurrency = 2, waiting = 64 } = given;
  assertInteger(concurrency, "hashing.concurrency", 1, 1_000);
  assertInteger(waiting, "hashing.waiting", 0, 100_000);
  return { concurrency, waiting };
}

/** Django's four validators, loaded when the first password is checked, and only if `validators` isn't set. */
async function defaultValidators() {
  return (await import("../validators/defaults.js")).defaultValidators();
}

/** Settings that work, but weaken security. */
export function warningsOf<U>({
  store,
  users,
  throttles,
  lifetime = "24h",
  revealUnknown,
  url,
  worker = "inside",
}: ResetOptions<U>): string[] {
  const frozenBy = freezingPlatform();
  const warnings: [boolean, string][] = [
    [
      store?.ephemeral === true && isProduction() === true,
      "memoryStore() forgets everything when the process ends: use sqlStore(…) or redisStore(…) in production.",
    ],
    [
      !store?.queue,
      "The store has no queue, so requests wait in memory and a crash can lose an email: pass a store with a queue.",
    ],
    [
      !store && throttles !== false,
      "Without a store, rate limits count in this process alone: pass a store, or throttles: false if a gateway limits requests.",
    ],
    [
      typeof lifetime !== "function" && milliseconds(lifetime, "lifetime") > 86_400_000,
      'lifetime is above 24 hours, the most that NIST SP 800-63B-4 allows for a link in an email: set it to "24h" or less.',
    ],
    [
      users.lock !== undefined && users.hashPassword === undefined,
      "users.lock without users.hashPassword hashes inside the transaction and holds its locks meanwhile: pass users.hashPassword.",
    ],
    [
      typeof url === "string" && url.startsWith("http:") && !isLoopback(new URL(url).hostname),
      "url starts with http: and leads to a private network, which is for development only and is refused in production: use https.",
    ],
    [
      frozenBy !== undefined &&
        (typeof worker === "string" ? worker : (worker.mode ?? "inside")) === "inside",
      `${frozenBy} is set, so this process is frozen after each response and sends no email until it wakes up: set worker: "waitUntil" and pass context.waitUntil, or set worker: "outside" and run "npx resetkit work --once" from cron.`,
    ],
    [revealUnknown === true, "revealUnknown allows user enumeration, and is deprecated. Leave it out."],
  ];
  return warnings.filter(([isGiven]) => isGiven).map(([, text]) => text);
}
