import { writeUserId } from "../identity/user-id.js";
import { describeError } from "../runtime/log.js";
import { pendingFor } from "../tokens/shared/mail-quota.js";
import type {
  Account,
  ConnectedStrategy,
  CounterStore,
  Deliver,
  Keyring,
  Log,
  Origin,
  Users,
} from "../types.js";
import type { Accounts } from "./accounts.js";
import { createDecoy } from "./decoy.js";
import type { Emitter } from "./events.js";
import type { ChangedIntent, Intents, RequestIntent } from "./intents.js";
import { createSteps } from "./mail-steps.js";
import type { Performed } from "./worker.js";

export interface MailingParts<U> {
  readonly users: Users<U>;
  readonly accounts: Accounts<U>;
  readonly strategy: ConnectedStrategy;
  readonly keys: Keyring;
  readonly counters: CounterStore;
  readonly intents: Intents;
  readonly deliver: Deliver<U>;
  readonly linkOf: (user: U, token: string) => string;
  readonly lifetimeOf: (user: U) => number;
  readonly events: Emitter<U>;
  readonly clock: () => number;
  readonly log: Log;
  /** Milliseconds that one try may take. */
  readonly timeout: number;
  /** Milliseconds after which work that died is begun again. */
  readonly lease: number;
  readonly notifyUnknown: boolean;
  readonly maxLive: number;
  readonly yieldToEventLoop: () => Promise<void>;
}

/** How a message is made for one account. */
export interface SendOrder {
  readonly lifetime: number;
  readonly request: Origin;
  readonly locale?: string | undefined;
  readonly template?: string | undefined;
  readonly insist?: boolean;
}

/** Makes tokens and messages. Whatever throws here is tried again. */
export interface Mailing {
  /** Mails every account behind an identifier, or does the same work on a stand-in. */
  answer(intent: RequestIntent): Promise<Performed>;
  /** Tells an owner that the password was changed. */
  tellChanged(intent: ChangedIntent): Promise<Performed>;
  /** Makes a token for one account and sends it; `false` where the account has had its mails for now. */
  send(account: Account, order: SendOrder): Promise<boolean>;
}

/** A second try begins no sooner, in milliseconds: the shortest pause less its jitter. */
const soonestRetry = 800;

export function createMailing<U>(parts: MailingParts<U>): Mailing {
  const { users, accounts, events, clock } = parts;
  const steps = createSteps(parts);
  const decoy = createDecoy<U>(parts, steps);
  const localeOf = (user: U, asked: string | undefined) => users.localeOf?.(user) ?? asked;

  async function answer(intent: RequestIntent): Promise<Performed> {
    // What was before was the same for every request, and took longest: it must not be told with the look-up.
    await parts.yieldToEventLoop();
    const found = await accounts.byIdentifier(intent.identifier, intent.scope);
    const meant = intent.only ? found.filter(({ id }) => writeUserId(id) === intent.only) : found;
    if (meant.length === 0) return decoy.answer(intent);

    const { request, locale } = intent;
    const again: Account[] = [];
    let sent = 0;
    let failure: { error: unknown } | undefined;
    for (const account of meant) {
      try {
        const lifetime = parts.lifetimeOf(account.user as U);
        if (await send(account, { lifetime, request, locale })) sent++;
        else if (mayBeInItsOwnWay(intent)) again.push(account);
        else await events.tell("refused", { stage: "mail", reason: "over_cap", userId: account.id, request });
      } catch (error) {
        failure = { error };
        again.push(account);
      }
    }
    if (again.length === meant.length) {
      if (failure) throw failure.error;
      return "later";
    }
    // Else three requests would make a known account the one whose fourth costs next to nothing.
    if (sent === 0 && again.length === 0) await decoy.run(intent);
    // Some had their mail: only the others are tried again.
    if (failure)
      parts.log.warn(`One of several messages will be tried again: ${describeError(failure.error)}`);
    for (const { id } of again) {
      await parts.intents.add({ ...intent, only: writeUserId(id) }, { dueAt: clock() + 1_000 });
    }
    return sent > 0 ? "sent" : "nothing";
  }

  /**
   * A try that died left a token whose mail counts as under way for a while. At the cap that token would keep
   * its own request from being answered, so a request that was tried before waits until it counts no more.
   */
  function mayBeInItsOwnWay({ at }: RequestIntent): boolean {
    const age = clock() - at;
    return age >= Math.min(parts.lease, soonestRetry) && age < 2 * pendingFor;
  }

  async function send(account: Account, order: SendOrder): Promise<boolean> {
    const { request, insist, template, lifetime } = order;
    const user = account.user as U;
    const issued = await steps.issue({ account, now: clock(), lifetime, request, insist });
    if (issued === "over_cap") return false;
    const { token, code } = issued;
    const codeExpiresAt = dateOf(issued.codeExpiresAt);
    const expiresAt = new Date(issued.expiresAt);
    const url = parts.linkOf(user, token);
    const locale = localeOf(user, order.locale);
    const { address } = account;
    await events.tell("tokenCreated", { user, userId: account.id, expiresAt, request });
    try {
      await steps.inTime(() =>
        parts.deliver({
          kind: "reset",
          user,
          address,
          token,
          code,
          codeExpiresAt,
          url,
          expiresAt,
          locale,
          request,
          template,
        }),
      );
    } catch (error) {
      await steps.settle(issued, false);
      throw new Error(describeError(error, [token, code, url, address]));
    }
    await steps.settle(issued, true);
    await events.tell("delivered", { kind: "reset", userId: account.id });
    return true;
  }

  async function tellChanged(intent: ChangedIntent): Promise<Performed> {
    const id = accounts.readId(intent.userId);
    const user = await users.findById(id, { scope: intent.scope || undefined });
    if (!user) return "nothing";
    const { address } = await accounts.of(user, intent.scope);
    const { request, at } = intent;
    const locale = localeOf(user, intent.locale);
    const message = { kind: "changed", user, address, changedAt: new Date(at), locale, request } as const;
    try {
      await steps.inTime(() => parts.deliver(message));
    } catch (error) {
      throw new Error(describeError(error, [address]));
    }
    await events.tell("delivered", { kind: "changed", userId: id });
    return "sent";
  }

  return { answer, tellChanged, send };
}

export function dateOf(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
