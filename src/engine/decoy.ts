import { random } from "#crypto";
import { base64url, hex } from "../crypto/encoding.js";
import { foldIdentifier, isAddress } from "../identity/identifier.js";
import { describeError } from "../runtime/log.js";
import type { Account, Message } from "../types.js";
import type { Performed, RequestIntent } from "./intents.js";
import type { MailingParts, MailSteps } from "./mail-steps.js";
import { resetMessage } from "./messages.js";

/** The same work as for a real email, which is then discarded. */
export interface Decoy {
  /** Makes and settles a token and a message, as for a real account, and leaves nothing of them. */
  run(intent: RequestIntent): Promise<void>;
  /** Does that after a look-up like a real one, and notifies the address if `notifyUnknown` is set. */
  answer(intent: RequestIntent): Promise<Performed>;
}

/**
 * Does for an unknown account, or for one at its email limit, what is done for a known one. Without it the difference
 * would show in how long the next request takes.
 */
export function createDecoy<U>(parts: MailingParts<U>, steps: MailSteps): Decoy {
  const { accounts, clock } = parts;

  async function run({ identifier, scope, request, locale }: RequestIntent): Promise<void> {
    const address = isAddress(identifier) ? identifier : "nobody@example.com";
    const state = [hex(random(32)), identifier, true];
    const account: Account = { user: undefined, id: random(16), scope, state, address, decoy: true };
    const issued = await steps.issue({ account, now: clock(), lifetime: 1, request });
    if (issued === "over_cap") return;
    try {
      const user = undefined as U;
      const url = parts.linkOf(user, issued.token);
      const message = resetMessage<U>({ issued, user, address, url, locale, request });
      await steps.inTime(() => parts.deliver.dryRun?.(message));
    } catch {
      // A function of the user has none here; the work up to it was done, and that is all this is for.
    }
    await steps.settle(issued, true);
  }

  async function answer(intent: RequestIntent): Promise<Performed> {
    // As for a known account, on one that was seen before. What it returns isn't used.
    await accounts.currentOfDecoy().catch(() => undefined);
    await run(intent);
    if (!parts.notifyUnknown || !isAddress(intent.identifier)) return "nothing";
    return notify(intent);
  }

  async function notify({ identifier, scope, request, locale }: RequestIntent): Promise<Performed> {
    const address = identifier;
    const mac = await parts.keys.mac(0, "unknown", [scope, foldIdentifier(address)]);
    const key = base64url(mac.subarray(0, 16));
    const window = { per: 86_400_000, now: clock() };
    const { count } = await parts.counters.hit(key, window);
    if (count > parts.maxLive) return "nothing";
    try {
      const message: Message<U> = { kind: "unknown", address, locale, request };
      await steps.inTime(() => parts.deliver(message));
    } catch (error) {
      await parts.counters.hit(key, { ...window, by: -1 });
      throw new Error(describeError(error, [address]), { cause: error });
    }
    await parts.events.tell("delivered", { kind: "unknown" });
    return "sent";
  }

  return { run, answer };
}
