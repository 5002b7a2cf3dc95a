import { MongoClient } from "mongodb";
import { migrate, mongodbStore } from "resetkit/stores/mongodb";
import { storeSuite } from "resetkit/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { MongodbDouble } from "../servers/mongodb-double.js";
import { startMongodbDouble } from "../servers/mongodb-double.js";

const { MONGODB_URL } = process.env;
const server = MONGODB_URL ? "a MongoDB" : "a double of MongoDB";

let double: MongodbDouble | undefined;
let client: MongoClient;
let count = 0;

beforeAll(async () => {
  double = MONGODB_URL ? undefined : await startMongodbDouble();
  client = await MongoClient.connect(MONGODB_URL ?? double!.url);
});
afterAll(async () => {
  await client.close();
  await double?.stop();
});

async function emptyDatabase() {
  const db = client.db(`resetkit_test_${process.pid}_${++count}`);
  await migrate(db);
  return { db, drop: () => db.dropDatabase() };
}

storeSuite(
  { describe, it },
  `mongodbStore on ${server}`,
  async () => {
    const { db, drop } = await emptyDatabase();
    return { store: mongodbStore(db), close: drop };
  },
  { lacks: ["transaction"] },
);
