/**
 * The engine: a request becomes a queued intent, the worker makes it a token in a mail, and a confirm
 * becomes one changed password. `docs/lifecycle.md` draws it.
 *
 * @module
 */
import { random } from "#crypto";
import { createAccounts } from "./engine/accounts.js";
import { createIntents } from "./engine/intents.js";
import { createLink } from "./engine/link.js";
import { checkOptions, hashingOf, paceOf } from "./engine/settings.js";
import { milliseconds } from "./duration.js";
import { utf8 } from "./crypto/encoding.js";
import { ResetError } from "./errors.js";
import { createEmitter } from "./engine/events.js";
import { yieldToEventLoop } from "./runtime/event-loop.js";
import { isPlainText } from "./identity/identifier.js";
import { createKeyring } from "./crypto/keyring.js";
import { consoleLog, describeError } from "./runtime/log.js";
import { assertFunction } from "./check-options.js";
import { createPolicy } from "./engine/policy.js";
import { isProduction } from "./runtime/environment.js";
import { memoryCounters } from "./stores/memory/counters.js";
import { memoryQueue } from "./stores/memory/queue.js";
import { createThrottles } from "./engine/throttle.js";
import { storedTokens } from "./tokens/stored.js";
import type {
  Account,
  Claim,
  Origin,
  PasswordReset,
  RefusalReason,
  ResetContext,
  ResetOptions,
  Stage,
  TokenStrategy,
} from "./types.js";

/** How long a confirm may take, from the spent token to the changed password, before the token is free again. */
const confirmLease = 60_000;

/**
 * Adds password reset to accounts that an application has already.
 *
 * Throws a `TypeError` at construction for every wrong option, in a sentence that ends with the fix.
 */
export function passwordReset<U>(options: ResetOptions<U>): PasswordReset<U> {
  checkOptions(options);
  const { users, clock = Date.now, log = consoleLog, worker: mode = "inside", maxLive = 3 } = options;
  const keys = createKeyring(options.secret);
  const pace = paceOf(options.delivery);
  const lifetimeOf = lifetimes(options);
  const store = options.store;
  // What a store does not bring is kept in memory: with signed tokens alone there may be no store at all.
  const counters = store?.counters ?? memoryCounters();
  const queue = store?.queue ?? memoryQueue();
  const parts = { keys, counters, log, clock };

  const events = createEmitter<U>((name, error) => {
    const reason = `a listener of "${name}" threw: ${describeError(error)}`;
    log.error(reason);
    if (name !== "failed") void events.tell("failed", { what: "listener", reason, final: true });
  });
  const accounts = createAccounts(users);
  const lifetime = typeof options.lifetime === "function" ? undefined : lifetimeOf(undefined as U);
  const strategies = strategiesOf(options.tokens).map((strategy) =>
    strategy.connect({ keys, tokens: store?.tokens, counters, lifetime, maxLive, log }),
  );
  const intents = createIntents(queue, keys, clock);
  const charges = createThrottles(options.throttles, parts);
  const validators = options.validators ?? once(defaultValidators);
  const policy = createPolicy<U>(validators);
  const hashing = hashingOf(options.hashing);
  const linkOf = createLink(options.url);
  // Both are loaded when they are needed first: a process that only takes requests never loads them. Only how to
  // give way is taken now, before a test can put false timers in the place of the runtime's.
  const change = once(async () => {
    const { createChange } = await import("./engine/change.js");
    return createChange<U>({ ...parts, users, accounts, strategies, store, intents, events, hashing });
  });
  const background = once(async () => {
    const { createBackground } = await import("./engine/background.js");
    const { deliver, notifyUnknown = false } = options;
    return createBackground<U>({
      ...{ ...parts, users, accounts, intents, events, change, linkOf, lifetimeOf, deliver, notifyUnknown },
      ...{ strategy: strategies[0]!, tokens: store?.tokens, queue, pace, maxLive, yieldToEventLoop },
    });
  });
  warnAtStart(options);

  let working = false;
  let closed = false;

  async function runWorker(signal?: AbortSignal): Promise<void> {
    const { worker } = await background();
    // Said now, and not by the first mail that does not come: a missing migration, a Redis that evicts.
    store?.check?.().catch((error) => log.error(`The store is not ready: ${describeError(error)}`));
    if (!closed) await worker.run(signal);
  }

  async function drain(): Promise<void> {
    await (await background()).worker.drain();
  }

  /** Sees to it that somebody will take what was just queued off the queue. */
  function wake(context: ResetContext): void {
    if (mode === "waitUntil") {
      const pause = new Promise((resolve) => setTimeout(resolve, random(1)[0]! * 8));
      const work = pause.then(drain).catch((error) => log.error(describeError(error)));
      if (context.waitUntil) context.waitUntil(work);
      else void warnOfFreezing();
    }
    if (mode !== "inside" || working || closed) return;
    working = true;
    void runWorker();
  }

  const warnOfFreezing = once(async () =>
    log.warn(
      'worker is "waitUntil", but context.waitUntil is missing, so emails may never be sent. Pass it with each request.',
    ),
  );

  /** The account behind a token, or `null`. Having looked is charged, and given back where it was good. */
  async function claimFor(stage: Stage, given: unknown, context: ResetContext): Promise<Claim | null> {
    const { token, identifier } = checkToken(given);
    const now = clock();
    const charge = charges[stage];
    const charged = charge && (await charge(context, now));
    const presented = { token, identifier, scope: context.scope ?? "", now };
    for (const strategy of strategies) {
      const claim = await strategy.verify(presented, accounts);
      if (!claim) continue;
      if (charged) await charged.giveBack();
      return claim;
    }
    return null;
  }

  async function inspect(given: unknown, context: ResetContext) {
    const claim = await claimFor("validate", given, context);
    if (!claim) {
      await tellRefused("validate", "invalid_token", context);
      return null;
    }
    const user = claim.account.user as U;
    return { user, reveals: options.validateReveals?.(user) ?? nothing };
  }

  async function confirm(given: unknown, context: ResetContext): Promise<U> {
    const password = checkPassword(given);
    const claim = await claimFor("confirm", given, context);
    if (!claim) throw new ResetError("invalid_token");
    const { account } = claim;
    const user = account.user as U;
    const request = originOf(context);
    const identifiers = accounts.identifiersOf(user);
    const problems = await policy(password, { user, identifiers, locale: context.locale });
    if (problems.length > 0) throw new ResetError("weak_password", { problems });
    try {
      await events.ask("beforeReset", { user, userId: account.id, request });
    } catch (cause) {
      throw cause instanceof ResetError ? cause : new ResetError("vetoed", { cause });
    }
    const changed = await spendAndChange(claim, password, context);
    wake(context);
    await events.tell("afterReset", { user: changed, userId: account.id, request });
    return changed;
  }

  async function spendAndChange(claim: Claim, password: string, context: ResetContext): Promise<U> {
    const now = clock();
    const leasedUntil = now + confirmLease;
    if (!(await claim.spend(leasedUntil, now))) throw new ResetError("invalid_token");
    let changed: U | null = null;
    try {
      const { make } = await change();
      const { locale } = context;
      changed = await make({ claim, password, request: originOf(context), locale, leasedUntil });
    } finally {
      if (!changed) await claim.release();
    }
    if (!changed) throw new ResetError("invalid_token");
    return changed;
  }

  async function accountFor(user: U, context: ResetContext): Promise<Account> {
    return accounts.of(user, context.scope ?? "");
  }

  /** What goes wrong outside of us is one `unavailable`, whoever asked; the log has the cause. */
  async function answering<Given, T>(
    stage: Stage,
    given: Given,
    context: ResetContext = {},
    work: (given: Given, context: ResetContext) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(given, context);
    } catch (error) {
      if (error instanceof TypeError) throw error;
      if (error instanceof ResetError) {
        if (refusals.has(error.code)) await tellRefused(stage, error.code as RefusalReason, context);
        throw error;
      }
      // A driver's error may quote the query that failed, with what was given to it.
      const { token, password } = (given ?? {}) as Record<string, unknown>;
      const hidden = [token, password].filter((text) => typeof text === "string");
      log.error(`${stage} failed: ${describeError(error, hidden)}`);
      throw new ResetError("unavailable", { cause: error, retryAfter: 1 });
    }
  }

  async function tellRefused(stage: Stage, reason: RefusalReason, context: ResetContext): Promise<void> {
    if (events.isHeard("refused")) {
      await events.tell("refused", { stage, reason, request: originOf(context) });
    }
  }

  async function request(given: unknown, context: ResetContext): Promise<void> {
    const identifier = checkIdentifier(given);
    const origin = originOf(context);
    const { scope = "", locale } = context;
    const at = clock();
    await charges.request?.(context, at);
    if (options.revealUnknown && (await accounts.byIdentifier(identifier, scope)).length === 0) {
      throw new ResetError("unknown_account");
    }
    await intents.add({ kind: "request", at, scope, identifier, locale, request: origin });
    wake(context);
  }

  return {
    request: (given, context) => answering("request", given, context, request),
    validate: async (given, context) => (await answering("validate", given, context, inspect)) !== null,
    inspect: (given, context) => answering("validate", given, context, inspect),
    confirm: (given, context) => answering("confirm", given, context, confirm),
    async rules() {
      return (await import("./engine/rules.js")).rulesOf(validators, users);
    },

    async issueFor(user, order = {}) {
      const { lifetime: asked, template, ...context } = order;
      const account = await accountFor(user, context);
      if (!(await accounts.mayReset(user))) {
        throw new ResetError("vetoed", {
          message: "users.mayReset returned false for this account, so its link wouldn't work.",
        });
      }
      const { mailing } = await background();
      await mailing.send(account, {
        lifetime: asked === undefined ? lifetimeOf(user) : milliseconds(asked, "issueFor({ lifetime })"),
        request: originOf(context),
        locale: context.locale,
        template,
        insist: true,
      });
    },

    async revoke(user, context = {}) {
      const account = await accountFor(user, context);
      for (const strategy of strategies) await strategy.revoke(account);
    },

    async clearExpired(how = {}) {
      return (await background()).clearExpired(how);
    },

    on(name, listener) {
      assertFunction(listener, `on("${name}")`, "give a function to call");
      return events.on(name, listener);
    },

    work({ signal } = {}) {
      working = true;
      return runWorker(signal);
    },
    drain,
    async close() {
      closed = true;
      if (background.isCalled()) await (await background()).worker.stop();
    },
  };
}

/** Django's four, loaded when the first password is looked at by those who have no list of their own. */
async function defaultValidators() {
  return (await import("./validators/defaults.js")).defaultValidators();
}

const nothing: Readonly<Record<string, unknown>> = /* @__PURE__ */ Object.freeze({});

const refusals: ReadonlySet<string> = new Set<RefusalReason>([
  "invalid_token",
  "weak_password",
  "throttled",
  "vetoed",
  "unavailable",
  "unknown_account",
]);

function strategiesOf(
  given: TokenStrategy | readonly TokenStrategy[] = storedTokens(),
): readonly TokenStrategy[] {
  const list = (Array.isArray(given) ? given : [given]) as readonly TokenStrategy[];
  for (const strategy of list) {
    assertFunction(
      strategy?.connect,
      "tokens",
      "pass storedTokens(), signedTokens() or djangoTokens(), or a list of them",
    );
  }
  if (list.length === 0)
    throw new TypeError("tokens is an empty list: leave it out, or name a kind of token.");
  return list;
}

function lifetimes<U>({ lifetime = "24h" }: ResetOptions<U>): (user: U) => number {
  if (typeof lifetime === "function") return (user) => milliseconds(lifetime(user), "lifetime(user)");
  const fixed = milliseconds(lifetime, "lifetime");
  return () => fixed;
}

/** An origin fit for storing: bounded, and without characters that could break a log line. */
function originOf({ ip, userAgent, data }: ResetContext): Origin {
  if (data !== undefined && utf8(JSON.stringify(data) ?? "").length > 4_096) {
    throw new TypeError("context.data has more than 4 kB: pass something small, such as an id.");
  }
  const clean = (text: string | undefined, most: number) => text?.replace(/\p{C}/gu, "").slice(0, most);
  return { ip: clean(ip, 64), userAgent: clean(userAgent, 512), data };
}

function checkIdentifier(given: unknown): string {
  const { identifier } = (given ?? {}) as { identifier?: unknown };
  const text = typeof identifier === "string" ? identifier.trim() : undefined;
  if (text !== undefined && isPlainText(text)) return text;
  throw invalid("identifier", text ? "invalid_text" : emptiness(text));
}

function checkToken(given: unknown): { token: string; identifier: string | undefined } {
  const { token, identifier } = (given ?? {}) as { token?: unknown; identifier?: unknown };
  if (typeof token !== "string" || token === "") throw invalid("token", emptiness(token));
  // No kind of token is longer, and no look-up should carry more.
  if (token.length > 512) throw new ResetError("invalid_token");
  return { token, identifier: identifier === undefined ? undefined : checkIdentifier(given) };
}

function checkPassword(given: unknown): string {
  const { password } = (given ?? {}) as { password?: unknown };
  if (typeof password !== "string" || password === "") throw invalid("password", emptiness(password));
  // Half a character becomes U+FFFD in UTF-8, so two different passwords would be one.
  if (/\p{Cs}/u.test(password)) throw invalid("password", "not_well_formed");
  return password;
}

function invalid(field: string, problem: string): ResetError {
  return new ResetError("invalid_input", { fields: { [field]: [problem] } });
}

function emptiness(value: unknown): string {
  return value === "" ? "blank" : "not_text";
}

function warnAtStart<U>(options: ResetOptions<U>): void {
  const { store, users, log = consoleLog, throttles, lifetime = "24h" } = options;
  if (store?.ephemeral && isProduction()) {
    log.warn(
      "memoryStore() forgets everything when the process ends: use sqlStore(…) or redisStore(…) in production.",
    );
  }
  if (!store?.queue) {
    log.warn(
      "The store has no queue, so requests wait in memory and a crash can lose a mail: pass a store with a queue.",
    );
  }
  if (!store && throttles !== false) {
    log.warn(
      "Without a store throttles count in this process alone: pass a store, or throttles: false where a gateway counts.",
    );
  }
  if (typeof lifetime !== "function" && milliseconds(lifetime, "lifetime") > 86_400_000) {
    log.warn(
      'lifetime is above 24 hours, the most that NIST SP 800-63B-4 allows for a link in a mail: set it to "24h" or less.',
    );
  }
  if (users.lock && !users.hashPassword) {
    log.warn(
      "users.lock without users.hashPassword hashes inside the transaction and holds its locks meanwhile: give users.hashPassword.",
    );
  }
  if (options.revealUnknown) {
    log.warn("revealUnknown tells everyone who has an account, and is deprecated from birth: leave it out.");
  }
}

/** Makes something when it is first asked for, and once. */
function once<T>(make: () => Promise<T>): (() => Promise<T>) & { isCalled(): boolean } {
  let made: Promise<T> | undefined;
  return Object.assign(() => (made ??= make()), { isCalled: () => made !== undefined });
}
