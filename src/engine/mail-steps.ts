import { base64url } from "../crypto/encoding.js";
import { foldIdentifier } from "../identity/identifier.js";
import { describeError } from "../runtime/log.js";
import { withTimeout } from "../runtime/timeout.js";
import type {
  ConnectedStrategy,
  CounterStore,
  Deliver,
  Issued,
  Keyring,
  Log,
  TokenOrder,
  Users,
} from "../types.js";
import type { Accounts } from "./accounts.js";
import type { Emitter } from "./events.js";
import type { Intents } from "./intents.js";
import type { Workload } from "./workload.js";

/** What making an email needs. */
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
  /** How long one attempt may take, in milliseconds. */
  readonly timeout: number;
  readonly notifyUnknown: boolean;
  readonly maxLive: number;
  readonly yieldToEventLoop: () => Promise<void>;
  readonly load: Workload;
}

export type AtLimit = "over_cap" | "mailbox_full";

/**
 * The steps of an email, the same for an account and for a decoy. Each begins in its own turn of the event loop, so a
 * request that arrives meanwhile waits for at most one of them, and the longest is the same for both (decision 102).
 */
export interface MailSteps {
  /** Makes a token, or returns why not: the account is at its email limit, or its mailbox is. */
  issue(order: TokenOrder): Promise<Issued | AtLimit>;
  /** Delivers a message; rejects after `timeout`. */
  inTime(send: () => unknown): Promise<unknown>;
  /** Dry-runs a message. Unless a delivery follows, that takes as long as one of the last deliveries. */
  dryRun(send: () => unknown, isFollowed?: boolean): Promise<unknown>;
  /** Records whether an email was accepted. Never rejects, since a failure here must not send the email again. */
  settle(issued: Issued, accepted: boolean): Promise<void>;
}

/** Emails per day that requests can bring to one mailbox, for each valid link that an account may have. */
const mailboxFactor = 4;
const day = 86_400_000;

export function createSteps(parts: MailingParts<any>): MailSteps {
  const { strategy, timeout, log, yieldToEventLoop, load } = parts;

  /**
   * Anyone can sign up many times with someone's address, so the limit per account doesn't bound what a mailbox gets.
   * Decoys share 256 windows of a millisecond.
   */
  async function hitMailbox({ account, now }: TokenOrder, by: number): Promise<number> {
    const mac = await parts.keys.mac(0, "mailbox", [foldIdentifier(account.address)]);
    const key = base64url(mac.subarray(0, account.decoy ? 1 : 16));
    return (await parts.counters.hit(`mailbox.${key}`, { per: account.decoy ? 1 : day, by, now })).count;
  }

  const attempting = (step: "deliver" | "dryRun", send: () => unknown) => () =>
    parts.events.observe(step, () => withTimeout(timeout, "deliver", send));

  return {
    async issue(order) {
      await yieldToEventLoop();
      // What the application sends itself, such as an invitation, isn't counted.
      if (order.force) return strategy.issue(order);
      const isFull = (await hitMailbox(order, 1)) > mailboxFactor * parts.maxLive && !order.account.decoy;
      const issued = isFull ? "mailbox_full" : await strategy.issue(order);
      if (typeof issued === "string") {
        await hitMailbox(order, -1);
        return issued;
      }
      const settle = async (accepted: boolean) => {
        await issued.settle(accepted);
        if (!accepted) await hitMailbox(order, -1);
      };
      return { ...issued, settle };
    },

    async inTime(send) {
      await yieldToEventLoop();
      return load.deliver(attempting("deliver", send));
    },

    async dryRun(send, isFollowed = false) {
      await yieldToEventLoop();
      const attempt = attempting("dryRun", send);
      return isFollowed ? attempt() : load.imitate(attempt);
    },

    async settle(issued, accepted) {
      await yieldToEventLoop();
      try {
        await load.note(() => Promise.resolve(issued.settle(accepted)));
      } catch (error) {
        const outcome = accepted ? "sent" : "not sent";
        log.warn(`The store couldn't record that an email was ${outcome}: ${describeError(error)}`);
      }
    },
  };
}
