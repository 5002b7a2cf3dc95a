import assert from "node:assert/strict";
import { findAgain, findIt, revokeSessions } from "./calls.js";
import type { UsersCase } from "./case.js";

export const sessionCases: readonly UsersCase[] = [
  {
    name: "revokeSessions ends every session of the account, and no other",
    needs: "sessions",
    async run(subject) {
      const { sessions } = subject;
      assert.ok(sessions, "The subject has no sessions, and this case needs them.");
      const user = await findIt(subject);
      const count = async (owner: unknown) => sessions.count(await findAgain(subject, owner));
      const other = subject.withoutPassword && (await findIt(subject, subject.withoutPassword));
      for (const owner of [user, user, ...(other ? [other] : [])]) {
        await sessions.start(await findAgain(subject, owner));
      }
      assert.ok((await count(user)) >= 2, "sessions.count doesn't count what sessions.start started.");
      const others = other && (await count(other));

      await revokeSessions(subject, user);
      assert.equal(await count(user), 0, "users.revokeSessions leaves sessions of the account.");
      if (other)
        assert.equal(await count(other), others, "users.revokeSessions ends other accounts' sessions.");
      await revokeSessions(subject, user);
    },
  },
];
