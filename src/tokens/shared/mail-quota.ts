/**
 * How many emails an account gets, however many resets anyone requests.
 *
 * @module
 */
import { base64url } from "../../crypto/encoding.js";
import type { Account, Keyring, StrategyContext, TokenOrder } from "../../ports.js";
import { bindings } from "./bindings.js";

/** Emails pending for longer than this count as failed: longer than any delivery attempt. */
export const pendingFor = 5 * 60_000;
/** At the limit, one email per hour. */
export const quietFor = 60 * 60_000;

/** Records whether the transport accepted an email. */
export type Settle = (accepted: boolean) => Promise<void>;

/**
 * The email limit with counters, for strategies that have no rows to count: an account gets `maxLive` emails in a
 * window of the lifetime, and then one per hour. An email counts once it's accepted; one in progress counts until it's
 * settled or `pendingFor` is over, so that a crash uses nothing up.
 */
export function createMailQuota(
  { keys, counters, maxLive }: StrategyContext,
  kind: string,
): (order: TokenOrder) => Promise<Settle | "over_cap"> {
  return async ({ account, now, lifetime, force }) => {
    // What the application issues doesn't count toward the limit.
    if (force) return async () => undefined;
    const key = await mailKey(keys, kind, account);
    const add: Add = async (what, window, by) =>
      (await counters.hit(`${key}.${what}`, { per: account.decoy ? 1 : window, by, now })).count;
    const [pending, accepted, accept, end] = await beginMail(add, lifetime);
    const recent = await add("recent", quietFor, 0);
    const hasRoom = accepted + pending <= maxLive || (recent === 0 && pending === 1);
    if (!hasRoom && !account.decoy) {
      await end();
      return "over_cap";
    }
    return async (isAccepted) => {
      if (isAccepted) {
        await accept();
        await add("recent", quietFor, 1);
      }
      await end();
    };
  };
}

type Note = () => Promise<unknown>;

/** Adds to the counter of that name, whose window is that long, and returns its count. */
type Add = (what: string, window: number, by: number) => Promise<number>;

/**
 * Counts an email as in progress before it reads how many were accepted: one that is accepted in between is counted
 * twice rather than not at all.
 */
export async function beginMail(
  add: Add,
  window: number,
): Promise<readonly [pending: number, accepted: number, accept: Note, end: Note]> {
  return [
    await add("pending", pendingFor, 1),
    await add("accepted", window, 0),
    () => add("accepted", window, 1),
    () => add("pending", pendingFor, -1),
  ];
}

/**
 * A key for what the account's tokens are bound to: a reset revokes all of them, and the count starts over. Decoys
 * share 256 keys, whose windows last a millisecond: requests for unknown accounts can't make the table grow.
 */
async function mailKey(keys: Keyring, kind: string, account: Account): Promise<string> {
  const mac = await keys.mac(0, `${kind}/mails`, bindings(account));
  return account.decoy ? `decoy.${mac[0]}` : base64url(mac.subarray(0, 16));
}
