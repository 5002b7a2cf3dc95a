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

/** What emails are made with. */
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
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  /** Milliseconds after which work that died is begun again. */
  readonly lease: number;
  readonly notifyUnknown: boolean;
  readonly maxLive: number;
  readonly yieldToEventLoop: () => Promise<void>;
  readonly load: Workload;
}

/**
 * The steps of an email, the same for an account and for a decoy. Each begins in a turn of its own, so a request
 * that comes meanwhile waits for one of them at most, and the longest is the same for both (decision 102).
 */
export interface MailSteps {
  /** Makes a token, or says that the account is at its email limit. */
  issue(order: TokenOrder): Promise<Issued | "over_cap">;
  /** Delivers a message, or dry-runs it; rejects after `timeout`. */
  inTime(send: () => unknown): Promise<unknown>;
  /** Notes whether an email was accepted. A note that fails must not send it again, so this never rejects. */
  settle(issued: Issued, accepted: boolean): Promise<void>;
}

export function createSteps({
  strategy,
  timeout,
  log,
  yieldToEventLoop,
  load,
}: MailingParts<any>): MailSteps {
  return {
    async issue(order) {
      await yieldToEventLoop();
      return strategy.issue(order);
    },

    async inTime(send) {
      await yieldToEventLoop();
      return load.deliver(() => withTimeout(timeout, "deliver", send));
    },

    async settle(issued, accepted) {
      await yieldToEventLoop();
      try {
        await load.note(() => Promise.resolve(issued.settle(accepted)));
      } catch (error) {
        const outcome = accepted ? "sent" : "not sent";
        log.warn(`The store could not note that an email was ${outcome}: ${describeError(error)}`);
      }
    },
  };
}
