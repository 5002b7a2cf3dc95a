/**
 * What tokens without a row need all the same: a limit to the mails of an account, and one caller at a time.
 *
 * @module
 */
import { base64url } from "../encoding.js";
import { ResetError } from "../errors.js";
import type { Account, Claim, CounterStore, Keyring, StrategyContext, TokenOrder } from "../types.js";
import { writeUserId } from "../user-id.js";

/** Mails pending for longer than this are taken for failed: longer than any try to deliver. */
export const pendingFor = 5 * 60_000;
/** At the cap, one mail an hour. */
export const quietFor = 60 * 60_000;

/** Notes whether a mail was accepted by the transport. */
export type Settle = (accepted: boolean) => Promise<void>;

/**
 * The mail rule by counters, for strategies that have no rows to count: an account gets `maxLive` mails in a
 * window of the lifetime, and past them one an hour. A mail counts from when it is accepted; one that is
 * under way counts until it is settled or `pendingFor` is over, so that a crash uses nothing up.
 */
export function createMailRule(
  { keys, counters, maxLive }: StrategyContext,
  kind: string,
): (order: TokenOrder) => Promise<Settle | "over_cap"> {
  return async ({ account, now, lifetime, insist }) => {
    const key = await mailKey(keys, kind, account);
    const add = async (what: string, window: number, by: number) => {
      const per = account.decoy ? 1 : window;
      return (await counters.hit(`${key}.${what}`, { per, by, now })).count;
    };
    const pending = await add("pending", pendingFor, 1);
    const accepted = await add("accepted", lifetime, 0);
    const recent = await add("recent", quietFor, 0);
    const hasRoom = accepted + pending <= maxLive || (recent === 0 && pending === 1);
    if (!hasRoom && !insist && !account.decoy) {
      await add("pending", pendingFor, -1);
      return "over_cap";
    }
    return async (isAccepted) => {
      if (isAccepted) {
        await add("accepted", lifetime, 1);
        await add("recent", quietFor, 1);
      }
      await add("pending", pendingFor, -1);
    };
  };
}

/** Stand-ins share 256 keys, whose windows last a millisecond: strangers cannot make the table grow. */
async function mailKey(keys: Keyring, kind: string, { id, scope, decoy }: Account): Promise<string> {
  const mac = await keys.mac(0, `${kind}/mails`, [scope, writeUserId(id)]);
  return decoy ? `decoy.${mac[0]!}` : base64url(mac.subarray(0, 16));
}

/**
 * A claim without a row. Its lease is a counter, so that of many callers one goes on to hash a password. That
 * one of them wins for good is `users.setPassword`'s compare-and-set, after which the token's state is gone.
 */
export function createClaim(
  { keys, counters }: StrategyContext,
  kind: string,
  token: string,
  account: Account,
  expiresAt: number,
): Claim {
  let leased: Parameters<CounterStore["hit"]>[1] | undefined;
  // Keyed: neither a counter nor its name may show a token.
  const keyOf = async () => base64url((await keys.mac(0, `${kind}/spent`, [token])).subarray(0, 16));

  return {
    account,
    expiresAt,
    async spend(until, now) {
      const window = { per: until - now, now };
      const isFirst = (await counters.hit(await keyOf(), window)).count === 1;
      if (isFirst) leased = window;
      return isFirst;
    },
    finish: async () => true,
    async release() {
      // Down to nothing, whoever has knocked meanwhile.
      if (leased) await counters.hit(await keyOf(), { ...leased, by: -1_000_000 });
    },
  };
}

/** `revoke` of strategies whose tokens cannot be ended alone. */
export async function cannotRevoke(): Promise<never> {
  throw new ResetError("unsupported", {
    message:
      "These tokens leave no trace that could be ended: change the account's password, address or status, or use storedTokens().",
  });
}
