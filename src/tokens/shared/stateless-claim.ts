/**
 * What tokens without a row do in place of one.
 *
 * @module
 */
import { base64url } from "../../crypto/encoding.js";
import { ResetError } from "../../errors.js";
import type { Account, Claim, CounterStore, StrategyContext } from "../../types.js";

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
