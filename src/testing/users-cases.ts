/**
 * What resetkit needs of an application's accounts, case by case.
 *
 * @module
 */
import assert from "node:assert/strict";
import { foldIdentifier, isAddress } from "../identity/identifier.js";
import { writeUserId } from "../identity/user-id.js";
import type { UsersCase } from "./users.js";
import {
  assertDiffers,
  assertSame,
  change,
  findAgain,
  findIt,
  identifiersOf,
  idOf,
  inTransaction,
  isSame,
  race,
  racers,
  secretOf,
  stateNow,
  store,
} from "./users-calls.js";

const passwords = ["Correct-horse-9 one", "Correct-horse-9 two"] as const;

export const usersCases: readonly UsersCase[] = [
  {
    name: "findByIdentifier finds the account, and nothing for an identifier that nobody has",
    async run(subject) {
      const { users, scope } = subject;
      const user = await findIt(subject);
      const stored = identifiersOf(subject, user).map(foldIdentifier);
      assert.ok(
        stored.includes(foldIdentifier(subject.identifier)),
        "users.identifierOf does not name what the account was found by: resetkit would drop it again.",
      );
      const none = await users.findByIdentifier(`nobody-at-all.${subject.identifier}`, { scope });
      assert.equal([none ?? []].flat().length, 0, "An identifier that nobody has finds an account.");
    },
  },
  {
    name: "findById gives back what idOf names",
    async run(subject) {
      const user = await findIt(subject);
      const again = await findAgain(subject, user);
      assert.equal(writeUserId(idOf(subject, again)), writeUserId(idOf(subject, user)));
    },
  },
  {
    name: "the stored address is one that resetkit sends to",
    async run(subject) {
      const user = await findIt(subject);
      const address = subject.users.addressOf ? subject.users.addressOf(user) : user.email;
      assert.ok(typeof address === "string" && isAddress(address), "users.addressOf gives no plain address.");
    },
  },
  {
    name: "mayReset says true of the account",
    async run(subject) {
      const answer = await subject.users.mayReset?.(await findIt(subject));
      assert.ok(answer === undefined || answer === true, "users.mayReset does not give true.");
    },
  },
  {
    name: "stateOf is the same for as long as nothing changes",
    async run(subject) {
      const user = await findIt(subject);
      assert.ok((await subject.users.stateOf(user)).length > 0, "users.stateOf gives an empty list.");
      assertSame(await stateNow(subject, user), await stateNow(subject, user));
    },
  },
  {
    name: "setPassword says true, and the state changes",
    async run(subject) {
      const user = await findIt(subject);
      const before = await stateNow(subject, user);
      assert.equal(await change(subject, user, passwords[0], before), true);
      assertDiffers(before, await stateNow(subject, user), "setPassword changes nothing that stateOf shows.");
    },
  },
  {
    name: "the state changes even where the new password is the old one",
    async run(subject) {
      const user = await findIt(subject);
      await change(subject, user, passwords[0], await stateNow(subject, user));
      const before = await stateNow(subject, user);
      const fresh = await findAgain(subject, user);
      assert.equal(await change(subject, fresh, passwords[0], before), true);
      assertDiffers(before, await stateNow(subject, user), "The same password gives the same hash: salt it.");
    },
  },
  {
    name: "setPassword says false to a state that is over, and changes nothing",
    async run(subject) {
      const user = await findIt(subject);
      const before = await stateNow(subject, user);
      assert.equal(await change(subject, user, passwords[0], before), true);
      const after = await stateNow(subject, user);
      assert.equal(await change(subject, user, passwords[1], before), false);
      assert.equal(await change(subject, await findAgain(subject, user), passwords[1], before), false);
      assertSame(after, await stateNow(subject, user));
    },
  },
  {
    name: `of ${racers} simultaneous callers of setPassword in one state one is told true`,
    async run(subject) {
      const user = await findIt(subject);
      for (let round = 0; round < 5; round++) {
        const before = await stateNow(subject, user);
        const fresh = await findAgain(subject, user);
        const secret = await secretOf(subject, fresh, `${passwords[0]} ${round}`);
        const answers = await race(() => store(subject, fresh, secret, before));
        assert.equal(
          answers.filter((answer) => answer === true).length,
          1,
          "setPassword must compare and set in one step: UPDATE … WHERE id = … AND password_hash = (the expected one).",
        );
        assert.equal(answers.filter((answer) => answer === false).length, racers - 1);
        assertDiffers(before, await stateNow(subject, user), "The winner's password was not stored.");
      }
    },
  },
  {
    name: "revokeSessions can be called, before and after there is anything to revoke",
    async run(subject) {
      const { revokeSessions } = subject.users;
      if (revokeSessions === "none") return;
      const user = await findIt(subject);
      await revokeSessions(user, {});
      await revokeSessions(user, {});
    },
  },
  {
    name: "hashPassword gives another text each time",
    needs: "hashPassword",
    async run(subject) {
      const user = await findIt(subject);
      const hashes = await race(() => secretOf(subject, user, passwords[0]), 2);
      assert.ok(hashes.every((hash) => typeof hash === "string" && hash !== "" && hash !== passwords[0]));
      assert.notEqual(hashes[0], hashes[1], "Two hashes of one password are equal: salt them.");
    },
  },
  {
    name: "lock gives the account fresh from the transaction",
    needs: "lock",
    async run(subject) {
      const user = await findIt(subject);
      const { users, scope } = subject;
      await inTransaction(subject, async (transaction) => {
        const before = await users.lock!(idOf(subject, user), { transaction, scope });
        assert.ok(before, "users.lock does not find the account.");
        const state = await users.stateOf(before);
        assertSame(state, await users.stateOf(user));
        assert.equal(await change(subject, before, passwords[0], state, transaction), true);
        const after = await users.lock!(idOf(subject, user), { transaction, scope });
        assertDiffers(state, await users.stateOf(after), "users.lock gives an account that is not fresh.");
      });
    },
  },
  {
    name: "a transaction that throws leaves the password as it was",
    needs: "lock",
    async run(subject) {
      const user = await findIt(subject);
      const before = await stateNow(subject, user);
      const failed = inTransaction(subject, async (transaction) => {
        const locked = await subject.users.lock!(idOf(subject, user), { transaction, scope: subject.scope });
        await change(subject, locked, passwords[0], before, transaction);
        throw new Error("rolled back");
      });
      await assert.rejects(failed, /rolled back/);
      assertSame(before, await stateNow(subject, user));
    },
  },
  {
    name: `of ${racers} simultaneous transactions that lock, look and change one finds the state as expected`,
    needs: "lock",
    async run(subject) {
      const user = await findIt(subject);
      const before = await stateNow(subject, user);
      const secret = await secretOf(subject, user, passwords[0]);
      const answers = await race(() =>
        inTransaction(subject, async (transaction) => {
          const { users, scope } = subject;
          const fresh = await users.lock!(idOf(subject, user), { transaction, scope });
          if (!isSame(await users.stateOf(fresh), before)) return false;
          return store(subject, fresh, secret, before, transaction);
        }),
      );
      assert.equal(answers.filter(Boolean).length, 1);
    },
  },
];
