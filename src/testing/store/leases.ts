/**
 * What a store guarantees about leases: one caller acquires a lease, and only that caller can extend or end it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { bytes, crowd, hour, minute, row, rule, same, simultaneously, start } from "./samples.js";
import type { StoreCase } from "./case.js";

const lookup = bytes(16, 1);

export const leaseCases: readonly StoreCase[] = [
  {
    name: "a lease lasts to its end and not a millisecond longer",
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      assert.equal(await tokens.lease(bytes(16, 1), start + 100, start), true);
      assert.equal((await tokens.find(bytes(16, 1)))?.leasedUntil, start + 100);
      assert.equal(await tokens.lease(bytes(16, 1), start + 200, start + 99), false);
      assert.equal(await tokens.lease(bytes(16, 1), start + 200, start + 100), true);
      assert.equal(await tokens.lease(bytes(16, 2), start + 100, start), false);
    },
  },
  {
    name: `of ${crowd} simultaneous callers of lease one wins`,
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      const first = await simultaneously(crowd, () => tokens.lease(bytes(16, 1), start + minute, start));
      assert.equal(first.filter((won) => won).length, 1);
      const second = await simultaneously(crowd, () =>
        tokens.lease(bytes(16, 1), start + hour, start + minute),
      );
      assert.equal(second.filter((won) => won).length, 1);
    },
  },
  {
    name: "release ends the lease that it names, and no other",
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      await tokens.lease(bytes(16, 1), start + 100, start);
      await tokens.release(bytes(16, 1), start + 99);
      assert.equal(await tokens.lease(bytes(16, 1), start + 300, start), false);
      await tokens.release(bytes(16, 1), start + 100);
      same(await tokens.find(bytes(16, 1)), row(1));
      assert.equal(await tokens.lease(bytes(16, 1), start + 200, start), true);
      await tokens.release(bytes(16, 1), start + 100);
      assert.equal(await tokens.lease(bytes(16, 1), start + 300, start), false);
      await tokens.release(bytes(16, 2), start + 100);
    },
  },
  {
    name: "renew moves the end of the lease that it names, and no other",
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      await tokens.lease(lookup, start + 100, start);
      assert.equal(await tokens.renew(lookup, start + 200, start + 99), false);
      assert.equal((await tokens.find(lookup))?.leasedUntil, start + 100);
      assert.equal(await tokens.renew(lookup, start + 200, start + 100), true);
      same(await tokens.find(lookup), row(1, { leasedUntil: start + 200 }));
      assert.equal(await tokens.renew(lookup, start + 300, start + 100), false);
      assert.equal(await tokens.lease(lookup, start + 300, start + 199), false);
      assert.equal(await tokens.finish(lookup, { leasedUntil: start + 200 }), true);
    },
  },
  {
    name: "renew to the end that the lease has already says whether it's held",
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      await tokens.lease(lookup, start + 100, start);
      assert.equal(await tokens.renew(lookup, start + 100, start + 100), true);
      assert.equal(await tokens.renew(lookup, start + 101, start + 101), false);
      same(await tokens.find(lookup), row(1, { leasedUntil: start + 100 }));
    },
  },
  {
    name: "renew is false if the lease passed to another caller or was released, or if the row is gone",
    async run({ tokens }) {
      assert.equal(await tokens.renew(lookup, start + 200, start + 100), false);
      assert.equal(await tokens.find(lookup), null);
      await tokens.put(row(1), rule());
      await tokens.lease(lookup, start + 100, start);
      await tokens.lease(lookup, start + 200, start + 100);
      assert.equal(await tokens.renew(lookup, start + 300, start + 100), false);
      await tokens.release(lookup, start + 200);
      assert.equal(await tokens.renew(lookup, start + 300, start + 200), false);
      await tokens.lease(lookup, start + 400, start);
      await tokens.removeByUser("ada", { scope: "" });
      assert.equal(await tokens.renew(lookup, start + 500, start + 400), false);
      assert.equal(await tokens.find(lookup), null);
    },
  },
  {
    name: `of ${crowd} simultaneous callers of renew one extends the lease`,
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      await tokens.lease(lookup, start + 100, start);
      const ends = await simultaneously(crowd, (i) => tokens.renew(lookup, start + 200 + i, start + 100));
      assert.equal(ends.filter((won) => won).length, 1);
      assert.equal((await tokens.find(lookup))?.leasedUntil, start + 200 + ends.indexOf(true));
    },
  },
  {
    name: `of ${crowd} callers that renew a lease, take it over, or finish under it, one succeeds`,
    async run({ tokens }) {
      await tokens.put(row(1), rule());
      await tokens.lease(lookup, start + 100, start);
      const ends = await simultaneously(crowd, (i) => {
        if (i % 3 === 0) return tokens.renew(lookup, start + 200, start + 100);
        if (i % 3 === 1) return tokens.lease(lookup, start + hour, start + 100);
        return tokens.finish(lookup, { leasedUntil: start + 100 });
      });
      assert.equal(ends.filter((won) => won).length, 1);
    },
  },
];
