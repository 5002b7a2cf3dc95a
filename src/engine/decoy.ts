import { random } from "#crypto";
import { base64url, hex } from "../crypto/encoding.js";
import { foldIdentifier, isAddress } from "../identity/identifier.js";
import { describeError } from "../runtime/log.js";
import type { Account, Issued, Message, Origin, ResetMessage } from "../types.js";
import type { RequestIntent } from "./intents.js";
import type { MailSteps } from "./mail-steps.js";
import { dateOf, type MailingParts } from "./mailing.js";
import type { Performed } from "./worker.js";

/** The work of a mail that nobody gets. */
export interface Decoy {
  /** Does it for an unknown account, and tells the address where `notifyUnknown` is set. */
  answer(intent: RequestIntent): Promise<Performed>;
  /** Does it alone. */
  run(intent: RequestIntent): Promise<void>;
}

/**
 * Does for an unknown account, or for one that has had its mails, what is done for a known one, on a stand-in of
 * which nothing stays: else the difference could be seen in how long the next request takes.
 */
export function createDecoy<U>(parts: MailingParts<U>, steps: MailSteps): Decoy {
  const { events, clock } = parts;

  async function answer(intent: RequestIntent): Promise<Performed> {
    const { identifier, scope, request, locale } = intent;
    await events.tell("refused", { stage: "mail", reason: "unknown_account", request });
    await run(intent);
    if (!parts.notifyUnknown || !isAddress(identifier)) return "nothing";
    return tellUnknown(identifier, scope, request, locale);
  }

  async function run({ identifier, scope, request, locale }: RequestIntent): Promise<void> {
    const address = isAddress(identifier) ? identifier : "nobody@example.com";
    const state = [hex(random(32)), identifier, true];
    const account: Account = { user: undefined, id: random(16), scope, state, address, decoy: true };
    const issued = await steps.issue({ account, now: clock(), lifetime: 1, request });
    if (issued !== "over_cap") {
      await rehearse(issued, address, request, locale);
      await steps.settle(issued, true);
    }
  }

  async function rehearse(issued: Issued, address: string, request: Origin, locale: string | undefined) {
    const { token, code } = issued;
    try {
      const user = undefined as U;
      const url = parts.linkOf(user, token);
      const expiresAt = new Date(issued.expiresAt);
      const message: ResetMessage<U> = {
        kind: "reset",
        user,
        address,
        token,
        code,
        codeExpiresAt: dateOf(issued.codeExpiresAt),
        url,
        expiresAt,
        locale,
        request,
      };
      await steps.inTime(() => parts.deliver.rehearse?.(message));
    } catch {
      // A function of the user has none here; the work up to it was done, and that is all this is for.
    }
  }

  async function tellUnknown(
    address: string,
    scope: string,
    request: Origin,
    locale: string | undefined,
  ): Promise<Performed> {
    const mac = await parts.keys.mac(0, "unknown", [scope, foldIdentifier(address)]);
    const key = base64url(mac.subarray(0, 16));
    const { count } = await parts.counters.hit(key, { per: 86_400_000, now: clock() });
    if (count > parts.maxLive) return "nothing";
    try {
      await steps.inTime(() =>
        parts.deliver({ kind: "unknown", address, locale, request } satisfies Message<U>),
      );
    } catch (error) {
      await parts.counters.hit(key, { per: 86_400_000, by: -1, now: clock() });
      throw new Error(describeError(error, [address]));
    }
    await events.tell("delivered", { kind: "unknown" });
    return "sent";
  }

  return { answer, run };
}
