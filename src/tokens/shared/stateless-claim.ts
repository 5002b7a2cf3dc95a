/**
 * The claim of tokens that have no row.
 *
 * @module
 */
import { digest } from "#crypto";
import { base64url, utf8 } from "../../crypto/encoding.js";
import { ResetError } from "../../errors.js";
import type { Account, Claim, CounterStore, StrategyContext } from "../../ports.js";

/**
 * A claim without a row. Its lease is a counter, so that only one of many callers goes on to hash a password. What
 * makes exactly one succeed is the compare-and-set of `users.setPassword`, after which the state that the token is
 * bound to is gone.
 */
export function createClaim(
  { counters }: StrategyContext,
  kind: string,
  token: string,
  account: Account,
  expiresAt: number,
): Claim {
  let leased: Parameters<CounterStore["hit"]>[1] | undefined;
  // Not keyed: while a secret is rotated, processes have different first secrets, and must agree on the name. A token
  // has too many possible values to be found from its hash.
  const keyOf = async (what: "spent" | "used") =>
    base64url((await digest("sha256", utf8(`${kind}/${what} ${token}`))).subarray(0, 16));

  const claim: Claim = {
    account,
    expiresAt,
    async spend(until, now) {
      // The account's state shows whether a token was used. If a mistake in the application keeps it from changing,
      // this counter does.
      const used = await counters.hit(await keyOf("used"), { per: expiresAt - now, by: 0, now });
      if (used.count > 0) return false;
      const window = { per: until - now, now };
      const isFirst = (await counters.hit(await keyOf("spent"), window)).count === 1;
      if (isFirst) leased = window;
      return isFirst;
    },
    renew: async (until, now) =>
      leased !== undefined && (now < leased.now + leased.per || claim.spend(until, now)),
    finish: async () => true,
    async settle(now) {
      if (expiresAt > now) await counters.hit(await keyOf("used"), { per: expiresAt - now, now });
    },
    async release() {
      // Reset to 0, including the increments of concurrent callers that lost.
      if (leased) await counters.hit(await keyOf("spent"), { ...leased, by: -1_000_000 });
    },
  };
  return claim;
}

/** `revoke` for strategies whose tokens can't be revoked one by one. */
export async function cannotRevoke(): Promise<never> {
  throw new ResetError("unsupported", {
    message:
      "These tokens aren't stored, so they can't be revoked one by one. Change the account's password, email address, or status, or use storedTokens().",
  });
}
