/**
 * What a store guarantees about rows: they're found as they were put, finished by one caller, and removed in batches.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TokenRow, UserId } from "../../types.js";
import {
  bytes,
  code,
  crowd,
  fill,
  hour,
  present,
  row,
  rule,
  same,
  simultaneously,
  start,
} from "./samples.js";
import type { StoreCase } from "./case.js";

const whole = {
  ...row(1, { scope: "acme", ip: "2001:db8::1", userAgent: 'Ada\'s "Browser" 1.0; ✓' }),
  code: code(1),
};

export const tokenCases: readonly StoreCase[] = [
  {
    name: "a row comes back as it was put",
    async run({ tokens }) {
      assert.equal(await tokens.put(whole, rule()), "stored");
      same(await tokens.find(whole.lookup), whole);
    },
  },
  {
    name: "what a row leaves out stays out",
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      const found = await tokens.find(row(1).lookup);
      same(found, row(1));
      assert.equal(found?.code, undefined);
      assert.equal(found?.ip, undefined);
      assert.equal(found?.userAgent, undefined);
    },
  },
  {
    name: "an unknown lookup finds null",
    async run({ tokens }) {
      assert.equal(await tokens.find(bytes(16, 1)), null);
    },
  },
  {
    name: "a row is found by its code too",
    async run({ tokens }) {
      await tokens.put(whole, rule());
      same(await tokens.find(whole.code.lookup), whole);
    },
  },
  {
    name: "an expired row is found",
    async run({ tokens }) {
      await tokens.put(row(1, { createdAt: start - 2 * hour, expiresAt: start - hour }), rule());
      assert.equal((await tokens.find(row(1).lookup))?.expiresAt, start - hour);
    },
  },
  {
    name: "bytes are compared as bytes: neither zeros, nor case, nor blanks at the end, nor broken UTF-8 are folded",
    async run({ tokens }) {
      const fillers = [0x00, 0x20, 0x41, 0x61, 0x7f, 0x80, 0xc3, 0xff];
      const lookupOf = (filler: number) => new Uint8Array(16).fill(filler);
      const rows = fillers.map((filler, i) =>
        row(i, {
          lookup: lookupOf(filler),
          proof: Uint8Array.from({ length: 32 }, (_, j) => i * 32 + j),
          userId: i,
        }),
      );
      for (const one of rows) assert.equal(await tokens.put(one, rule()), "stored");
      for (const one of rows) same(await tokens.find(one.lookup), one);
      assert.equal(await tokens.finish(lookupOf(0x41)), true);
      same(await tokens.find(lookupOf(0x61)), rows[3]);
    },
  },
  {
    name: "ids of every kind come back as they came, and are different accounts",
    async run({ tokens }) {
      const ids: UserId[] = [
        "42",
        42,
        42n,
        "Ada",
        "ada",
        "ada ",
        "Ädä ✓",
        "n:42",
        -7,
        2 ** 53 - 1,
        2n ** 63n,
        new Uint8Array([52, 50]),
        new Uint8Array([0, 255, 0]),
        "0190b5f0-7b1a-7c3e-8f00-000000000001",
      ];
      for (const [i, userId] of ids.entries()) {
        assert.equal(await tokens.put(row(i, { userId }), rule({ maxLive: 1 })), "stored");
      }
      for (const [i, userId] of ids.entries()) {
        same((await tokens.find(bytes(16, i)))?.userId, userId);
        same(await tokens.liveOf(userId, { scope: "", now: start }), [row(i, { userId })]);
      }
    },
  },
  {
    name: "scopes are apart",
    async run({ tokens }) {
      for (const [i, scope] of ["", "acme", "Acme", "acme "].entries()) {
        assert.equal(await tokens.put(row(i, { scope }), rule({ maxLive: 1 })), "stored");
      }
      same(await tokens.liveOf("ada", { scope: "acme", now: start }), [row(1, { scope: "acme" })]);
      assert.equal(await tokens.removeByUser("ada", { scope: "acme" }), 1);
      assert.notEqual(await tokens.find(bytes(16, 2)), null);
    },
  },
  {
    name: "delivered notes whether the mail was accepted, and no row appears by it",
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      await tokens.put(row(2), rule());
      await tokens.delivered(bytes(16, 1), true);
      await tokens.delivered(bytes(16, 2), false);
      await tokens.delivered(bytes(16, 3), true);
      same(await tokens.find(bytes(16, 1)), row(1, { delivery: "accepted" }));
      same(await tokens.find(bytes(16, 2)), row(2, { delivery: "failed" }));
      assert.equal(await tokens.find(bytes(16, 3)), null);
    },
  },
  {
    name: "liveOf gives the rows that are not expired, oldest first; a row is over at the moment of its expiry",
    async run(store) {
      const rows = [
        row(1, { createdAt: start + 2, expiresAt: start + hour }),
        row(2, { createdAt: start + 1, expiresAt: start + hour + 1 }),
        row(3, { createdAt: start + 3, expiresAt: start + hour + 1 }),
      ];
      await fill(store, rows);
      const live = (now: number) => store.tokens.liveOf("ada", { scope: "", now });
      same(await live(start + hour - 1), [rows[1], rows[0], rows[2]]);
      same(await live(start + hour), [rows[1], rows[2]]);
      same(await live(start + hour + 1), []);
      same(await store.tokens.liveOf("grace", { scope: "", now: start }), []);
    },
  },
  {
    name: "finish removes the row once, leased or not, and its code with it",
    async run({ tokens }) {
      await tokens.put(whole, rule());
      await tokens.lease(whole.lookup, start + 100, start);
      assert.equal(await tokens.finish(whole.lookup), true);
      assert.equal(await tokens.finish(whole.lookup), false);
      assert.equal(await tokens.find(whole.lookup), null);
      assert.equal(await tokens.find(whole.code.lookup), null);
      assert.equal(await tokens.put(whole, rule()), "stored");
    },
  },
  {
    name: "finish under a lease that another caller holds does nothing",
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      await tokens.lease(bytes(16, 1), start + 100, start);
      await tokens.lease(bytes(16, 1), start + 200, start + 100);
      assert.equal(await tokens.finish(bytes(16, 1), { leasedUntil: start + 100 }), false);
      assert.notEqual(await tokens.find(bytes(16, 1)), null);
      assert.equal(await tokens.finish(bytes(16, 1), { leasedUntil: start + 200 }), true);
      assert.equal(await tokens.find(bytes(16, 1)), null);
    },
  },
  {
    name: `of ${crowd} simultaneous callers of finish one is told true`,
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      await tokens.lease(bytes(16, 1), start + 100, start);
      const context = (i: number) => (i % 2 === 0 ? {} : { leasedUntil: start + 100 });
      const ends = await simultaneously(crowd, (i) => tokens.finish(bytes(16, 1), context(i)));
      assert.equal(ends.filter((won) => won).length, 1);
    },
  },
  {
    name: "removeByUser removes an account's rows, live or not, and counts them",
    async run(store) {
      await fill(store, [row(1, { expiresAt: start + 1 }), row(2), row(3, { code: code(3) })]);
      await fill(store, [row(4, { userId: "grace" })]);
      assert.equal(await store.tokens.removeByUser("ada", { scope: "" }), 3);
      assert.equal(await store.tokens.removeByUser("ada", { scope: "" }), 0);
      assert.deepEqual(await present(store, [1, 2, 3, 4]), [4]);
    },
  },
  {
    name: "removeByUser with `before` leaves the rows that were created since",
    async run(store) {
      await fill(store, [row(1), row(2, { createdAt: start + 1 }), row(3, { createdAt: start + 2 })]);
      assert.equal(await store.tokens.removeByUser("ada", { scope: "", before: start + 1 }), 1);
      assert.deepEqual(await present(store, [1, 2, 3]), [2, 3]);
    },
  },
  {
    name: "removeExpired removes what expired before the moment, no more than the limit, and counts it",
    async run(store) {
      const expiresAt = start + hour;
      await fill(
        store,
        [1, 2, 3, 4, 5].map((number) => row(number, { userId: number, expiresAt })),
        1,
      );
      await fill(store, [row(6, { expiresAt: start + 2 * hour })]);
      assert.equal(await store.tokens.removeExpired(expiresAt, 100), 0);
      assert.equal(await store.tokens.removeExpired(expiresAt + 1, 2), 2);
      assert.equal((await present(store, [1, 2, 3, 4, 5])).length, 3);
      assert.equal(await store.tokens.removeExpired(expiresAt + 1, 100), 3);
      assert.equal(await store.tokens.removeExpired(expiresAt + 1, 100), 0);
      assert.deepEqual(await present(store, [1, 2, 3, 4, 5, 6]), [6]);
    },
  },
  {
    name: "list gives every row once, page by page, in the same order each time",
    async run(store) {
      assert.deepEqual(await store.tokens.list({ limit: 10 }), []);
      const rows = Array.from({ length: 7 }, (_, i) =>
        row(i, { userId: i, expiresAt: start + (i < 3 ? 1 : hour) }),
      );
      await fill(store, rows, 1);
      const all = await store.tokens.list({ limit: 100 });
      same(new Set(all.map((one) => one.userId)), new Set([0, 1, 2, 3, 4, 5, 6]));
      const paged: TokenRow[] = [];
      for (let page = 0; page < 5; page++) {
        const rest = await store.tokens.list({ after: paged.at(-1)?.lookup, limit: 2 });
        assert.equal(rest.length, [2, 2, 2, 1, 0][page]);
        paged.push(...rest);
      }
      same(paged, all);
    },
  },
];
