import { describeError } from "../runtime/log.js";
import { withTimeout } from "../runtime/timeout.js";
import type { Issued, TokenOrder } from "../types.js";
import type { MailingParts } from "./mailing.js";

/**
 * The steps of a mail, the same for an account and for a stand-in. Each begins in a turn of its own, so a request
 * that comes meanwhile waits for one of them at most, and the longest is the same for both (decision 102).
 */
export interface MailSteps {
  /** Makes a token, or says that the account has had its mails for now. */
  issue(order: TokenOrder): Promise<Issued | "over_cap">;
  /** Hands a message over, or rehearses it; rejects after `timeout`. */
  inTime(send: () => unknown): Promise<unknown>;
  /** Notes that a mail is gone, or that it is not. A note that fails must not send it again, so this never rejects. */
  settle(issued: Issued, accepted: boolean): Promise<void>;
}

export function createSteps({ strategy, timeout, log, yieldToEventLoop }: MailingParts<any>): MailSteps {
  return {
    async issue(order) {
      await yieldToEventLoop();
      return strategy.issue(order);
    },

    async inTime(send) {
      await yieldToEventLoop();
      return withTimeout(timeout, "deliver", send);
    },

    async settle(issued, accepted) {
      await yieldToEventLoop();
      try {
        await issued.settle(accepted);
      } catch (error) {
        const outcome = accepted ? "sent" : "not sent";
        log.warn(`The store could not note that a mail was ${outcome}: ${describeError(error)}`);
      }
    },
  };
}
