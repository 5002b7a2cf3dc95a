import assert from "node:assert/strict";
import { sameValues } from "../../crypto/canonical.js";
import {
  assertDiffers,
  assertSame,
  findIt,
  inTransaction,
  lockIt,
  passwords,
  race,
  racers,
  secretOf,
  stateNow,
  stateOf,
  store,
} from "./calls.js";
import type { UsersCase } from "./case.js";

/** `lock` in a transaction with `setPassword`, as the engine calls them. */
export const lockCases: readonly UsersCase[] = [
  {
    name: "lock returns the account as it is in the transaction",
    needs: "lock",
    async run(subject) {
      const user = await findIt(subject);
      const secret = await secretOf(subject, user, passwords[0]);
      await inTransaction(subject, async (transaction) => {
        const locked = await lockIt(subject, user, transaction);
        const before = await stateOf(subject, locked, transaction);
        assert.equal(await store(subject, locked, secret, before, transaction), true);
        assertDiffers(
          before,
          await stateOf(subject, await lockIt(subject, user, transaction), transaction),
          "users.lock returns an account that isn't fresh: read it with the transaction's handle.",
        );
      });
    },
  },
  {
    name: "a transaction that throws leaves the password as it was",
    needs: "lock",
    async run(subject) {
      const user = await findIt(subject);
      const before = await stateNow(subject, user);
      const secret = await secretOf(subject, user, passwords[0]);
      const failed = inTransaction(subject, async (transaction) => {
        const locked = await lockIt(subject, user, transaction);
        await store(subject, locked, secret, before, transaction);
        throw new Error("rolled back");
      });
      await assert.rejects(failed, /rolled back/);
      assertSame(
        before,
        await stateNow(subject, user),
        "users.setPassword wrote outside the transaction: use its handle.",
      );
    },
  },
  {
    name: `of ${racers} concurrent transactions that lock, compare and change, exactly one finds the state as expected`,
    needs: "lock",
    async run(subject) {
      const user = await findIt(subject);
      const before = await stateNow(subject, user);
      const secret = await secretOf(subject, user, passwords[0]);
      const answers = await race(() =>
        inTransaction(subject, async (transaction) => {
          const locked = await lockIt(subject, user, transaction);
          if (!sameValues(await stateOf(subject, locked, transaction), before)) return false;
          return store(subject, locked, secret, before, transaction);
        }),
      );
      assert.equal(answers.filter(Boolean).length, 1);
    },
  },
];
