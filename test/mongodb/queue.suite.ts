import { MongoClient } from "mongodb";
import { afterAll, describe, expect, it } from "vitest";
import { migrate, mongodbStore } from "resetkit/stores/mongodb";
import { queueSuite } from "resetkit/testing";
import { entry, minute, start } from "../../src/testing/store/samples.js";

const clients = await Promise.all(
  Array.from({ length: 8 }, () => MongoClient.connect(process.env["MONGODB_URL"]!)),
);
afterAll(() => Promise.all(clients.map((client) => client.close())));
let count = 0;

async function newDatabase() {
  const name = `resetkit_queue_${process.pid}_${++count}`;
  const db = clients[0]!.db(name);
  await migrate(db);
  return { name, db, queue: mongodbStore(db).queue! };
}

queueSuite(
  { describe, it },
  "the MongoDB store's queue",
  async () => {
    const { db, queue } = await newDatabase();
    return { queue, close: () => db.dropDatabase() };
  },
  { lacks: ["transaction"] },
);

describe("eight workers on one queue in MongoDB", () => {
  it("lease each of 200 entries once", async () => {
    const { name, db, queue } = await newDatabase();
    const entries = Array.from({ length: 200 }, (_, number) => entry(number, { keyId: "ours" }));
    for (const one of entries) await queue.add(one);
    const leased = await Promise.all(
      clients.map(async (client) => {
        const own = mongodbStore(client.db(name)).queue!;
        const ids: string[] = [];
        for (;;) {
          const some = await own.lease(5, start + minute, start + 2 * minute, ["ours"]);
          if (some.length === 0) return ids;
          ids.push(...some.map(({ id }) => id));
        }
      }),
    );
    expect(leased.flat().sort()).toEqual(entries.map(({ id }) => id).sort());
    await db.dropDatabase();
  });

  it("lease one entry several times if they look first and write afterward (control)", async () => {
    const { name, db } = await newDatabase();
    let most = 0;
    for (let round = 1; most < 2 && round <= 100; round++) {
      await naive(name).insertOne({ _id: round, dueAt: 0 });
      const wins = await Promise.all(
        clients.map(async (client) => {
          const own = naive(name, client);
          if ((await own.findOne({ _id: round }))!.dueAt > 0) return false;
          await own.updateOne({ _id: round }, { $set: { dueAt: 1 } });
          return true;
        }),
      );
      most = wins.filter(Boolean).length;
    }
    expect(most).toBeGreaterThan(1);
    await db.dropDatabase();
  });
});

const naive = (name: string, client = clients[0]!) =>
  client.db(name).collection<{ _id: number; dueAt: number }>("naive");
