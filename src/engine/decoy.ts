import { random } from "#crypto";
import { hex } from "../crypto/encoding.js";
import { keyedName } from "../crypto/keyed-name.js";
import { foldIdentifier, isAddress } from "../identity/identifier.js";
import { beginMail } from "../tokens/shared/mail-quota.js";
import { DescribedError, describeError } from "../runtime/log.js";
import type { Account, IneligibleMessage, Message } from "../types.js";
import type { Ineligible } from "./accounts.js";
import { eventOrigin } from "./events.js";
import type { Performed, RequestIntent } from "./intents.js";
import type { MailingParts, MailSteps } from "./mail-steps.js";
import { resetMessage } from "./messages.js";

const day = 86_400_000;

/** The same work as for a real email, which is then discarded. */
export interface Decoy {
  /**
   * Makes and settles a token and a message, as for a real account, and leaves nothing of them behind. Takes as long as
   * a delivery, unless one follows.
   */
  run(intent: RequestIntent, like?: unknown, isFollowed?: boolean): Promise<void>;
  /**
   * Does that after a lookup like a real one. If `notifyUnknown` is set, it notifies the address, or the user of an
   * ineligible account, for whom "we couldn't find an account" would be untrue.
   */
  answer(intent: RequestIntent, ineligible: Ineligible | undefined): Promise<Performed>;
}

/**
 * Does the same work for an unknown account, or for one at its email limit, as for a known one. Without it, the
 * difference would show in how long the next request takes.
 */
export function createDecoy<U>(parts: MailingParts<U>, steps: MailSteps): Decoy {
  const { users, accounts, clock } = parts;

  async function run(
    { identifier, scope, request, locale, flows }: RequestIntent,
    like?: unknown,
    isFollowed?: boolean,
  ) {
    const address = isAddress(identifier) ? identifier : "nobody@example.com";
    const state = [hex(random(32)), identifier, true];
    const account: Account = { user: undefined, id: random(16), scope, state, address, decoy: true };
    const issued = await steps.issue({ account, now: clock(), lifetime: 1, request, flows });
    if (typeof issued === "string") return;
    try {
      // A user seen before, so that a `url` or a greeting that depends on the user takes as much work. Nothing is sent.
      const user = like as U;
      const url = parts.linkOf(user, issued.token);
      const message = resetMessage<U>({ issued, user, address, url, locale, request, scope });
      await steps.dryRun(() => parts.deliver.dryRun?.(message), isFollowed);
    } catch {
      // Until an account has been seen, there's no user for a `url` function. The work up to that point is done.
    }
    await steps.settle(issued, true);
  }

  async function answer(intent: RequestIntent, ineligible: Ineligible | undefined): Promise<Performed> {
    const { identifier: address, locale, request, scope } = intent;
    const isTold = parts.notifyUnknown && (ineligible !== undefined || isAddress(address));
    // As for a known account, on one that was seen before.
    await run(intent, await accounts.currentOfDecoy().catch(() => undefined), isTold);
    if (!isTold) return "nothing";
    if (ineligible) return notify(intent, ineligibleMessage(ineligible, intent));
    return notify(intent, { kind: "unknown", address, locale, ...eventOrigin(request, scope) });
  }

  function ineligibleMessage(
    one: Ineligible,
    { locale: asked, request, scope }: RequestIntent,
  ): IneligibleMessage<U> {
    const { reason } = one;
    const user = one.user as U;
    const address = accounts.addressOf(user);
    const locale = users.localeOf?.(user) ?? asked;
    return { kind: "ineligible", user, address, reason, locale, ...eventOrigin(request, scope) };
  }

  /** An email in progress counts for at most `pendingFor`, so a crash uses nothing up. What arrives meanwhile waits. */
  async function notify({ scope }: RequestIntent, message: Message<U>): Promise<Performed> {
    const now = clock();
    const { kind, address, request, scope: tenant } = message;
    const key = await keyedName(parts.keys, "unknown", [scope, foldIdentifier(address)]);
    const add = async (what: string, per: number, by: number) =>
      (await parts.counters.hit(`${key}.${what}`, { per, by, now })).count;
    const [pending, accepted, accept, end] = await beginMail(add, day);
    if (accepted + pending > parts.maxLive) {
      await end();
      await steps.dryRun(() => undefined);
      return accepted < parts.maxLive ? "later" : "nothing";
    }
    try {
      await steps.inTime(() => parts.deliver(message));
    } catch (error) {
      await end();
      throw new DescribedError(describeError(error, [address]), { cause: error });
    }
    await accept();
    await end();
    await parts.events.tell("delivered", { kind, request, scope: tenant });
    return "sent";
  }

  return { run, answer };
}
