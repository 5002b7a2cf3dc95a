/**
 * What a store with `transaction` guarantees: the token, the account's other tokens, and the queue's entry change together
 * or not at all.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RequestQueue, Store } from "../../types.js";
import type { Timeline } from "../queue/case.js";
import { bytes, entry, fill, minute, present, row, rule, simultaneously, start } from "./samples.js";
import type { StoreCase } from "./case.js";

/** Does what the engine does in one transaction. Resolves to whether the token still existed. */
async function confirm(store: Store, transaction: unknown, number = 1): Promise<boolean> {
  const won = await store.tokens.finish(bytes(16, number), { transaction });
  await store.tokens.removeByUser("ada", { scope: "", transaction });
  await store.queue?.add(entry(10 + number), { transaction });
  await store.queue?.done(entry(0).id, { transaction });
  return won;
}

async function queued(store: Store): Promise<string[] | undefined> {
  return (await store.queue?.lease(9, start + minute, start + minute + 1))?.map(({ id }) => id);
}

function inTransaction<T>(store: Store, work: (handle: unknown) => Promise<T>): Promise<T> {
  assert.ok(store.transaction, "The store has no transactions, and this case needs them.");
  return store.transaction(work);
}

/** Rejects if `work` doesn't end. It would hang forever, so the limit can be long. */
async function ends(work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("A call waits for its own transaction.")), 20_000);
  });
  await Promise.race([work, hangs]).finally(() => clearTimeout(timer));
}

export const transactionCases: readonly StoreCase[] = [
  {
    name: "a transaction commits everything, and gives what its work gave",
    needs: "transaction",
    async run(store) {
      await fill(store, [row(1), row(2)]);
      await store.queue?.add(entry(0));
      assert.equal(await inTransaction(store, (handle) => confirm(store, handle)), true);
      assert.deepEqual(await present(store, [1, 2]), []);
      if (store.queue) assert.deepEqual(await queued(store), [entry(11).id]);
    },
  },
  {
    name: "a transaction whose work throws leaves everything as it was, and throws the same",
    needs: "transaction",
    async run(store) {
      const rows = [row(1), row(2)];
      await fill(store, rows);
      await store.tokens.lease(bytes(16, 1), start + minute, start);
      await store.queue?.add(entry(0));
      const no = new Error("no");
      const work = inTransaction(store, async (handle) => {
        assert.equal(await store.tokens.finish(bytes(16, 1), { transaction: handle, leasedUntil: 1 }), false);
        assert.equal(await confirm(store, handle), true);
        throw no;
      });
      await assert.rejects(work, (error) => error === no);
      assert.deepEqual(await present(store, [1, 2]), [1, 2]);
      assert.equal((await store.tokens.find(bytes(16, 1)))?.leasedUntil, start + minute);
      assert.equal(await store.tokens.put(row(3), rule({ maxLive: 2 })), "over_cap");
      if (store.queue) assert.deepEqual(await queued(store), [entry(0).id]);
    },
  },
  {
    name: "of 20 simultaneous transactions one finishes the token",
    needs: "transaction",
    async run(store) {
      await fill(store, [row(1), row(2)]);
      const ends = await simultaneously(20, () =>
        inTransaction(store, async (handle) => {
          const won = await store.tokens.finish(bytes(16, 1), { transaction: handle });
          if (won) await store.tokens.removeByUser("ada", { scope: "", transaction: handle });
          return won;
        }),
      );
      assert.equal(ends.filter((won) => won).length, 1);
      assert.deepEqual(await present(store, [1, 2]), []);
    },
  },
  {
    name: "calls beside an open transaction are neither part of it nor lost",
    needs: "transaction",
    async run(store) {
      await fill(store, [row(1)]);
      let fail!: () => void;
      const failed = new Promise<never>((_, reject) => (fail = () => reject(new Error("no"))));
      let enter!: () => void;
      const entered = new Promise<void>((resolve) => (enter = resolve));
      const work = inTransaction(store, async (handle) => {
        assert.equal(await store.tokens.finish(bytes(16, 1), { transaction: handle }), true);
        enter();
        await failed;
      });
      await Promise.race([entered, work]);
      const beside = store.tokens.put(row(2, { userId: "grace" }), rule());
      fail();
      await assert.rejects(work);
      assert.equal(await beside, "stored");
      assert.deepEqual(await present(store, [1, 2]), [1, 2]);
    },
  },
  {
    name: "a call without the handle inside a transaction never waits for that transaction",
    needs: "transaction",
    async run(store) {
      await fill(store, [row(1)]);
      const work = inTransaction(store, async () => {
        await store.tokens.find(bytes(16, 1));
        await inTransaction(store, async () => {});
      });
      // A store may reject the call, or use another connection for it.
      await ends(work.catch(() => {}));
      assert.deepEqual(await present(store, [1]), [1]);
    },
  },
  {
    name: "tokens and queue say that they share transactions",
    needs: "transaction",
    async run(store) {
      assert.ok(
        store.tokens.database,
        "tokens.database is missing. Set it to the database that tokens and queue share.",
      );
      if (store.queue) assert.equal(store.queue.database, store.tokens.database);
    },
  },
];

export type QueueTransaction = <T>(work: (handle: any) => Promise<T>) => Promise<T>;

export interface QueueTransactionCase {
  readonly name: string;
  run(queue: RequestQueue, transaction: QueueTransaction, time: Timeline): Promise<void>;
}

/** The same for a separate queue, which joins another store's transaction. */
export const queueTransactionCases: readonly QueueTransactionCase[] = [
  {
    name: "what is added and done in a transaction is so once it commits",
    async run(queue, transaction, time) {
      const times = { addedAt: time.at(0), dueAt: time.at(0) };
      await queue.add(entry(0, times));
      await transaction(async (handle) => {
        await queue.add(entry(1, times), { transaction: handle });
        await queue.done(entry(0).id, { transaction: handle });
      });
      const leased = await queue.lease(9, await time.reach(1), time.at(60));
      assert.deepEqual(
        leased.map(({ id }) => id),
        [entry(1).id],
      );
    },
  },
  {
    name: "what is added and done in a transaction that is rolled back is not",
    async run(queue, transaction, time) {
      const times = { addedAt: time.at(0), dueAt: time.at(0) };
      await queue.add(entry(0, times));
      const no = new Error("no");
      const work = transaction(async (handle) => {
        await queue.add(entry(1, times), { transaction: handle });
        await queue.done(entry(0).id, { transaction: handle });
        throw no;
      });
      await assert.rejects(work, (error) => error === no);
      const leased = await queue.lease(9, await time.reach(1), time.at(60));
      assert.deepEqual(
        leased.map(({ id }) => id),
        [entry(0).id],
      );
    },
  },
];
