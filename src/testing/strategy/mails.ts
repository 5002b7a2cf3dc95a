/**
 * What a strategy guarantees about emails: no attacker can flood a mailbox, and no user waits longer than an hour.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Account } from "../../types.js";
import type { StrategyCase } from "./case.js";
import { bad, crowd, day, good, hour, maxLive, minute, start } from "./samples.js";

export const mailCases: readonly StrategyCase[] = [
  {
    name: "an account gets maxLive mails, and then one an hour",
    async run(bench) {
      const { issue, order, verify } = bench;
      for (let mail = 0; mail < maxLive; mail++) await issue({ now: start + mail });
      for (const later of [maxLive, minute, hour - 1]) {
        assert.equal(await order({ now: start + later }), "over_cap", `An email was sent after ${later} ms.`);
      }
      const now = start + hour + minute;
      const { token } = await issue({ now });
      await good(verify(token, { now }));
      assert.equal(await order({ now: now + minute }), "over_cap");
      await issue({ now: now + hour + minute });
    },
  },
  {
    name: "the mails of one account are not another's",
    async run({ issue, order, grace, account }) {
      for (let mail = 0; mail < maxLive; mail++) await issue({ now: start + mail });
      assert.equal(await order({ now: start + maxLive }), "over_cap");
      await issue({ account: account(grace), now: start + maxLive });
    },
  },
  {
    name: "after a reset the account gets its mails again",
    async run({ issue, order, ada, account, strategy }) {
      for (let mail = 0; mail < maxLive; mail++) await issue({ now: start + mail });
      assert.equal(await order({ now: start + maxLive }), "over_cap");
      const before = account(ada);
      ada.password = "$argon2id$v=19$new";
      await strategy.forget(before, { before: start + minute });
      for (let mail = 0; mail < maxLive; mail++) {
        await issue({ account: account(ada), now: start + minute + mail });
      }
      assert.equal(await order({ account: account(ada), now: start + 2 * minute }), "over_cap");
    },
  },
  {
    name: "a mail that was not accepted does not count",
    async run({ order, issue }) {
      for (let mail = 0; mail < 3 * maxLive; mail++) {
        const issued = await order({ now: start + mail });
        assert.ok(issued !== "over_cap", `Over the cap after ${mail} emails that weren't accepted.`);
        await issued.settle(false);
      }
      await issue({ now: start + minute });
    },
  },
  {
    name: "mails under way count, until they must have been lost",
    async run({ order }) {
      for (let mail = 0; mail < maxLive; mail++) assert.notEqual(await order({ now: start }), "over_cap");
      assert.equal(await order({ now: start + minute }), "over_cap");
      assert.notEqual(await order({ now: start + 10 * minute }), "over_cap");
    },
  },
  {
    name: `of ${crowd} simultaneous orders no more than maxLive are carried out`,
    async run({ order }) {
      const answers = await Promise.all(Array.from({ length: crowd }, () => order()));
      assert.equal(answers.filter((answer) => answer !== "over_cap").length, maxLive);
    },
  },
  {
    name: "what the application issues has a place of its own, and requests keep theirs",
    async run({ issue, order, verify }) {
      for (let mail = 0; mail < 2 * maxLive; mail++) {
        const now = start + mail * minute;
        await good(verify((await issue({ now, force: true })).token, { now }));
      }
      const later = start + 2 * maxLive * minute;
      for (let mail = 0; mail < maxLive; mail++) await issue({ now: later + mail });
      assert.equal(await order({ now: later + maxLive }), "over_cap");
      await good(
        verify((await issue({ now: later + maxLive, force: true })).token, { now: later + maxLive }),
      );
    },
  },
  {
    name: "an invitation lives as long as it was asked to, or as long as the strategy says it does",
    async run({ issue, verify }) {
      const { token, expiresAt } = await issue({ lifetime: 7 * day, force: true });
      await good(verify(token, { now: expiresAt - 1_000 }));
      await bad(verify(token, { now: expiresAt }), "Still valid after it expired.");
    },
  },
  {
    name: "a decoy gets a token every time, which is never valid, and nothing of it is stored",
    async run({ order, subject, verify }) {
      for (let mail = 0; mail < 3 * maxLive; mail++) {
        const issued = await order({ account: standIn(mail), lifetime: 1, now: start + mail });
        assert.ok(issued !== "over_cap", "A decoy is over the cap.");
        await issued.settle(true);
        await bad(verify(issued.token, { now: start + mail }), "A decoy's token is valid.");
      }
      assert.deepEqual((await subject.tokens?.list({ limit: 10 })) ?? [], []);
    },
  },
];

/** A decoy account, as the engine makes one for an unknown identifier. */
function standIn(number: number): Account {
  const id = Uint8Array.from({ length: 16 }, (_, i) => number * 31 + i);
  const state = [`none-${number}`, "nobody@example.com", true];
  return { user: undefined, id, scope: "", state, address: "nobody@example.com", decoy: true };
}
