/**
 * What a strategy guarantees about claims: one caller at a time, and no valid token is left after the password has changed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ResetError } from "../../errors.js";
import type { StrategyCase } from "./case.js";
import { bad, crowd, good, minute, start, type Bench } from "./samples.js";

export const claimCases: readonly StrategyCase[] = [
  {
    name: `of ${crowd} simultaneous callers of spend one goes on`,
    async run(bench) {
      const { token } = await bench.issue();
      assert.equal(await winners(bench, token, start), 1);
    },
  },
  {
    name: "a spent token that is given back can be spent again, by one caller",
    async run(bench) {
      const { token } = await bench.issue();
      const claim = await good(bench.verify(token));
      assert.equal(await claim.spend(start + minute, start), true);
      assert.equal(await winners(bench, token, start + 1), 0);
      await claim.release();
      assert.equal(await winners(bench, token, start + 2), 1);
    },
  },
  {
    name: "releasing a token without its lease ends no other caller's lease",
    async run(bench) {
      const { token } = await bench.issue();
      const [first, second] = await Promise.all([good(bench.verify(token)), good(bench.verify(token))]);
      assert.equal(await first.spend(start + minute, start), true);
      assert.equal(await second.spend(start + minute, start), false);
      await second.release();
      assert.equal(await winners(bench, token, start + 1), 0);
    },
  },
  {
    name: "a spent token is free again when its time is up: a crash loses nothing",
    async run(bench) {
      const { token } = await bench.issue();
      const claim = await good(bench.verify(token));
      assert.equal(await claim.spend(start + minute, start), true);
      assert.equal(await winners(bench, token, start + minute - 1), 0);
      assert.equal(await winners(bench, token, start + minute), 1);
    },
  },
  {
    name: "tokens beside it are spent apart from it",
    async run(bench) {
      const tokens = [await bench.issue(), await bench.issue({ now: start + minute })];
      for (const { token } of tokens) assert.equal(await winners(bench, token, start + minute), 1);
    },
  },
  {
    name: "after the change nothing is left: not the token, not the tokens beside it",
    async run({ issue, verify, ada, account, strategy }) {
      const first = await issue();
      const second = await issue({ now: start + minute });
      const claim = await good(verify(first.token));
      const before = account(ada);
      assert.equal(await claim.spend(start + minute, start), true);
      ada.password = "$argon2id$v=19$new";
      assert.equal(await claim.finish({}), true);
      await strategy.forget(before, { before: start + 2 * minute });
      for (const { token } of [first, second])
        await bad(verify(token, { now: start + minute }), "Still valid after a reset.");
      await good(verify((await issue({ now: start + 2 * minute })).token, { now: start + 2 * minute }));
    },
  },
  {
    name: "revoke ends every token of the account and of no other, or says that it cannot",
    async run({ issue, verify, ada, grace, account, strategy }) {
      const mine = await issue();
      const hers = await issue({ account: account(grace) });
      try {
        await strategy.revoke(account(ada));
        await bad(verify(mine.token), "Still valid after it was revoked.");
      } catch (error) {
        assert.ok(error instanceof ResetError && error.code === "unsupported", String(error));
        await good(verify(mine.token));
      }
      await good(verify(hers.token));
    },
  },
];

/** How many of the concurrent callers, each with its own claim, acquire the lease. */
async function winners({ verify }: Bench, token: string, now: number): Promise<number> {
  const claims = await Promise.all(Array.from({ length: crowd }, () => good(verify(token, { now }))));
  const answers = await Promise.all(claims.map((claim) => claim.spend(now + minute, now)));
  return answers.filter(Boolean).length;
}
