/**
 * The engine: a request becomes a queued intent, the worker turns it into an email with a token, and a confirm becomes
 * one changed password. `docs/lifecycle.md` has the diagram.
 *
 * @module
 */
import { random } from "#crypto";
import { base64url } from "./crypto/encoding.js";
import { assertFunction } from "./check-options.js";
import { milliseconds } from "./duration.js";
import { createAccounts } from "./engine/accounts.js";
import { isMistake } from "./engine/callbacks.js";
import { createEmitter, eventOrigin } from "./engine/events.js";
import {
  checkIdentifier,
  checkPassword,
  checkScope,
  checkSecondFactor,
  checkToken,
  flowOf,
  originOf,
} from "./engine/input.js";
import { observersKey, operationsKey } from "./engine/inner.js";
import { createIntents, type IssueIntent } from "./engine/intents.js";
import { readOptions } from "./engine/settings.js";
import { ResetError } from "./errors.js";
import { writeUserId } from "./identity/user-id.js";
import { flowKey } from "./tokens/shared/flow.js";
import { yieldToEventLoop } from "./runtime/event-loop.js";
import { describeError, logDetail } from "./runtime/log.js";
import { once } from "./runtime/once.js";
import type {
  AlarmKind,
  Claim,
  PasswordReset,
  RefusalReason,
  ResetContext,
  ResetOptions,
  Stage,
} from "./types.js";

/**
 * Adds password reset to an application that already has accounts.
 *
 * @throws {TypeError} If options can't work. Lists all of them, each with its fix.
 * @example
 * ```ts
 * const reset = passwordReset<User>({
 *   users,
 *   secret: process.env.RESET_SECRET!,
 *   store: sqlStore(pg(pool)),
 *   url: "https://example.com/reset/{token}",
 *   deliver: byEmail({ transport, from: "Example <no-reply@example.com>" }),
 * });
 * ```
 */
export function passwordReset<U>(options: ResetOptions<U>): PasswordReset<U> {
  const handlers: object[] = [];
  const settings = readOptions(options, handlers);
  const { users, keys, store, counters, queue, mode, pace, policy, throttles, lifetimeOf, clock, log } =
    settings;
  const { charges } = throttles;
  const events = createEmitter<U>((name, error) => {
    const reason = `a listener of "${name}" threw: ${describeError(error)}`;
    log.error(reason);
    if (name !== "failed") void events.tell("failed", { what: "listener", reason, final: true });
  });
  const accounts = createAccounts(users);
  const { lifetime: usual, maxLive } = settings;
  const strategies = settings.strategies.map((strategy, index) =>
    strategy.connect({
      keys,
      tokens: store?.tokens,
      counters,
      lifetime: usual,
      maxLive,
      issues: !index,
      log,
      alarm,
    }),
  );
  const intents = createIntents({ queue, keys, counters, clock });
  const parts = { ...settings, accounts, intents, events, strategies };
  // Loaded on first use: a process that only takes requests never loads them. `yieldToEventLoop` is bound now, so that
  // fake timers installed later don't affect it.
  const change = once(async () => (await import("./engine/change.js")).createChange<U>(parts));
  const background = once(async () => {
    const { createBackground } = await import("./engine/background.js");
    const strategy = strategies[0]!;
    return createBackground<U>({ ...parts, strategy, tokens: store?.tokens, change, yieldToEventLoop });
  });
  const watch = once(async () => (await import("./engine/worker-watch.js")).createWorkerWatch(settings));
  const secondFactor = once(async () =>
    (await import("./engine/second-factor.js")).createSecondFactor<U>(settings),
  );
  const backlog = once(async () => {
    const { createBacklog } = await import("./engine/backlog.js");
    return createBacklog({ ...settings, maxWaiting: pace.maxWaiting, alarm });
  });
  const alarmedAt: Partial<Record<AlarmKind, number>> = {};
  const operations = once(async () => {
    const { createOperations } = await import("./engine/operations.js");
    return createOperations<U>({ ...parts, reset, kinds: settings.strategies.map(({ kind }) => kind) });
  });
  let working = false;
  let closed = false;
  let warnedOfFreezing = false;

  const reset: PasswordReset<U> = {
    request: (given, context) => answering("request", given, context, request),
    validate: async (given, context) => (await answering("validate", given, context, inspect)) !== null,
    inspect: (given, context) => answering("validate", given, context, inspect),
    confirm: (given, context) => answering("confirm", given, context, confirm),
    async rules() {
      return (await import("./engine/rules.js")).rulesOf(settings.validators, users);
    },
    issueFor: (user, order = {}) => answering("issueFor", user, order, () => issueFor(user, order)),
    revoke: (user, context) => answering("revoke", user, context, revoke),

    async clearExpired(how = {}) {
      return (await background()).clearExpired(how);
    },

    async clearThrottles(which = {}) {
      const { clearThrottles } = await import("./engine/clear-throttles.js");
      return { cleared: await clearThrottles({ counters, clock, rules: throttles.rules }, which) };
    },

    async check(how = {}) {
      const { createCheck } = await import("./engine/check.js");
      return createCheck<U>({ ...parts, options, handlers })(how);
    },

    on(name, listener) {
      assertFunction(listener, `on("${name}")`, "pass a function to call");
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
  // Pages compare `url` with the path where they accept links; handlers register themselves for `check`.
  return Object.defineProperties(reset, {
    [Symbol.for("resetkit.url")]: { value: options.url },
    [Symbol.for("resetkit.handlers")]: { value: handlers },
    [operationsKey]: { value: operations },
    [observersKey]: { value: events.observers },
  });

  async function request(given: unknown, context: ResetContext): Promise<{ flow?: string }> {
    const identifier = checkIdentifier(given);
    const scope = checkScope(context);
    const origin = originOf(context);
    const at = clock();
    const charged = await charges.request?.(context, at, identifier);
    const flow = strategies[0]!.hasCodes ? (flowOf(given) ?? base64url(random(32))) : undefined;
    const flows = flow === undefined ? undefined : [await flowKey(keys, flow)];
    await refundedIfItFails(charged, async () => {
      await (
        await backlog()
      )(origin.ip);
      if (settings.revealUnknown && (await accounts.lookUp(identifier, scope)).accounts.length === 0) {
        throw new ResetError("unknown_account");
      }
      const { locale } = context;
      const intent = { kind: "request", at, scope, identifier, locale, request: origin, flows } as const;
      if (await intents.addRequest(intent)) return;
      logDetail(log, "A request wasn't queued: three for the same identifier are waiting for the worker.", {
        stage: "request",
        reason: "already_waiting",
      });
      await tellRefused("mail", "already_waiting", context);
    });
    await wake(context);
    return flow === undefined ? {} : { flow };
  }

  /** The account behind a token, or `null`. The check is charged; `giveBack` refunds it. */
  async function claimFor(
    stage: "validate" | "confirm",
    given: unknown,
    context: ResetContext,
  ): Promise<{ claim: Claim; giveBack(): Promise<void> } | null> {
    const { token, identifier: typed } = checkToken(given);
    // Normalized, so that spelling an identifier in several ways doesn't bring more attempts at a code.
    const identifier = typed && accounts.normalize(typed);
    const { ip } = context;
    const presented = {
      token,
      identifier,
      flow: flowOf(given),
      ip,
      scope: checkScope(context),
      now: clock(),
    };
    const charged = await charges[stage]?.(context, presented.now, identifier);
    return refundedIfItFails(charged, async () => {
      for (const strategy of strategies) {
        const claim = await strategy.verify(presented, accounts);
        if (!claim) continue;
        // Only once the token is proven valid: otherwise, the time it takes would reveal that the account exists.
        if (!(await accounts.mayReset(claim.account.user as U))) return null;
        return { claim, giveBack: async () => charged?.giveBack() };
      }
      return null;
    });
  }

  async function inspect(given: unknown, context: ResetContext) {
    const found = await claimFor("validate", given, context);
    if (!found) {
      await tellRefused("validate", "invalid_token", context);
      return null;
    }
    await found.giveBack();
    const user = found.claim.account.user as U;
    const isAsked = settings.secondFactor ? await (await secondFactor()).isRequired(user) : false;
    return { user, reveals: settings.validateReveals?.(user) ?? nothing, secondFactor: isAsked };
  }

  async function confirm(given: unknown, context: ResetContext): Promise<U> {
    const password = checkPassword(given);
    const answer = checkSecondFactor(given);
    const found = await claimFor("confirm", given, context);
    if (!found) throw new ResetError("invalid_token");
    const { claim } = found;
    const { account } = claim;
    const user = account.user as U;
    const { locale } = context;
    const origin = originOf(context);
    const told = eventOrigin(origin, context.scope);
    const identifiers = accounts.identifiersOf(user);
    try {
      const problems = await policy(password, { user, identifiers, locale });
      if (problems.length > 0) throw new ResetError("weak_password", { problems });
      const ask = () => events.ask("beforeReset", { user, userId: account.id, ...told });
      if (settings.secondFactor || events.isHeard("beforeReset")) {
        await (
          await secondFactor()
        ).check({ account, answer, context, given: given as { token: string }, ask });
      }
    } catch (error) {
      if (!isGuess(error, answer)) await found.giveBack();
      throw error;
    }
    await found.giveBack();
    const { make, lease } = await change();
    const now = clock();
    if (!(await claim.spend(now + lease, now))) throw new ResetError("invalid_token");
    let changed: U | null = null;
    try {
      changed = await make({ claim, password, request: origin, locale });
    } finally {
      if (!changed) await claim.release();
    }
    if (!changed) throw new ResetError("invalid_token");
    await wake(context);
    await events.tell("afterReset", { user: changed, userId: account.id, ...told });
    return changed;
  }

  async function issueFor(user: U, order: Parameters<PasswordReset<U>["issueFor"]>[1] = {}): Promise<void> {
    const { lifetime: asked, template, wait = false, ...context } = order;
    const scope = checkScope(context);
    const account = await accounts.of(user, scope);
    if (!(await accounts.mayReset(user))) {
      throw new ResetError("vetoed", {
        message: "users.mayReset returned false for this account, so its link wouldn't work.",
      });
    }
    const at = clock();
    const lifetime = milliseconds(asked ?? lifetimeOf(user), "issueFor({ lifetime })");
    strategies[0]!.checkLifetime?.(lifetime);
    const intent: IssueIntent = {
      ...{ kind: "issue", at, scope, userId: writeUserId(account.id), lifetime, template },
      locale: context.locale,
      request: originOf(context),
    };
    // No worker may deliver it while this process does. After the lease, one picks up what a crash left behind.
    const id = await intents.add(intent, wait ? { dueAt: at + pace.lease + pace.timeout } : {});
    if (!wait) return void (await wake(context));
    const outcome = await (await background()).perform(intent);
    if (outcome === "later") throw new ResetError("unavailable", { retryAfter: 60 });
    await intents.drop(id);
    if (outcome === "nothing") {
      throw new ResetError("vetoed", {
        message: "No email was sent. The log and the events have the reason.",
      });
    }
  }

  /** Logs an error and emits an event, at most once per hour for each kind. */
  function alarm(what: AlarmKind, reason: string): void {
    const now = clock();
    if (now - alarmedAt[what]! < 3_600_000) return;
    alarmedAt[what] = now;
    log.error(`${reason}.`);
    void events.tell("alarm", { what, reason });
  }

  async function revoke(user: U, context: ResetContext): Promise<void> {
    const account = await accounts.of(user, checkScope(context));
    for (const strategy of strategies) await strategy.revoke(account);
  }

  async function drain({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await (await background()).worker.drain(signal);
  }

  async function runWorker(signal?: AbortSignal): Promise<void> {
    const { worker, announce } = await background();
    announce();
    if (!closed) await worker.run(signal);
  }

  /** Makes sure that a worker takes what was just queued. */
  async function wake(context: ResetContext): Promise<void> {
    if (mode === "waitUntil") {
      const waitUntil =
        context.waitUntil ?? (await (await import("./runtime/wait-until.js")).platformWaitUntil());
      const pause = new Promise((resolve) => setTimeout(resolve, random(1)[0]! * 8));
      const work = pause.then(() => drain()).catch((error) => log.error(describeError(error)));
      if (waitUntil) waitUntil(work);
      else warnOfFreezing();
    }
    if (mode === "outside") void watch().then((look) => look());
    if (mode !== "inside" || working || closed) return;
    working = true;
    runWorker().catch((error) => {
      working = false;
      log.error(`The worker stopped: ${describeError(error)}`);
    });
  }

  function warnOfFreezing(): void {
    if (warnedOfFreezing) return;
    warnedOfFreezing = true;
    log.warn(
      'worker is "waitUntil", but the request has no context.waitUntil and the platform offers none. If it freezes after the response, no email is sent: pass context.waitUntil.',
    );
  }

  /** An outage isn't a failed attempt, so the charge for it is refunded. */
  async function refundedIfItFails<T>(
    charged: { giveBack(): Promise<void> } | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    if (!charged) return work();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ResetError) || error.code === "unavailable") {
        await charged.giveBack().catch(() => undefined);
      }
      throw error;
    }
  }

  /** Every failure outside the library is the same `unavailable`, for every account; the log has the cause. */
  async function answering<Given, T>(
    stage: Stage | "issueFor" | "revoke",
    given: Given,
    context: ResetContext = {},
    work: (given: Given, context: ResetContext) => Promise<T>,
  ): Promise<T> {
    try {
      return await events.observe(stage, () => work(given, context));
    } catch (error) {
      if (isMistake(error)) throw error;
      if (error instanceof ResetError) {
        if (refusals.has(error.code)) await tellRefused(stage, error.code as RefusalReason, context);
        throw error;
      }
      // A driver's error may quote the query that failed, with its parameters.
      const { token, password, identifier } = (given ?? {}) as Record<string, unknown>;
      const hidden = [token, password, identifier].filter((text) => typeof text === "string");
      log.error(`${stage}() failed: ${describeError(error, hidden)}`);
      throw new ResetError("unavailable", { cause: error, retryAfter: 1 });
    }
  }

  async function tellRefused(
    stage: Stage | "mail" | "issueFor" | "revoke",
    reason: RefusalReason,
    context: ResetContext,
  ): Promise<void> {
    if (stage === "issueFor" || stage === "revoke" || !events.isHeard("refused")) return;
    await events.tell("refused", { stage, reason, ...eventOrigin(originOf(context), context.scope) });
  }
}

/** Whether a confirm failed at something that only the user knows, so that it counts as a failed attempt. */
function isGuess(error: unknown, answer: string | undefined): boolean {
  if (!(error instanceof ResetError)) return false;
  return error.code === "vetoed" || (error.code === "second_factor" && answer !== undefined);
}

const nothing: Readonly<Record<string, unknown>> = /* @__PURE__ */ Object.freeze({});

const refusals: ReadonlySet<string> = new Set<RefusalReason>([
  "invalid_token",
  "weak_password",
  "throttled",
  "vetoed",
  "second_factor",
  "unavailable",
  "unknown_account",
]);
