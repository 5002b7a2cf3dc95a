import { type Db, type Document, MongoClient, type MongoClientOptions, ObjectId, UUID } from "mongodb";
import { migrate, type MongoCollection, type MongoDatabase, mongodbStore } from "resetkit/stores/mongodb";
import { passwordReset } from "resetkit";
import { storeSuite } from "resetkit/testing";
import type { Message, ResetMessage } from "resetkit/types";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytes, code, entry, hour, minute, row, rule, same, start } from "../../src/testing/store/samples.js";
import { goodPassword, keptLog, secret } from "../kit.js";
import type { MongodbDouble } from "../servers/mongodb-double.js";
import { startMongodbDouble } from "../servers/mongodb-double.js";

// There is no MongoDB for the machines of these tests: what answers is a double. See there what that proves.
const { MONGODB_URL } = process.env;
const server = MONGODB_URL ? "a MongoDB" : "a double of MongoDB";

interface MongoUser {
  readonly _id: ObjectId | string;
  readonly email: string;
  readonly passwordHash: string;
}

let double: MongodbDouble | undefined;
let url: string;
let client: MongoClient;
let count = 0;

beforeAll(async () => {
  double = MONGODB_URL ? undefined : await startMongodbDouble();
  url = MONGODB_URL ?? double!.url;
  client = await MongoClient.connect(url);
});
afterAll(async () => {
  await client.close();
  await double?.stop();
});

async function withDatabase<T>(work: (db: Db) => Promise<T>, options?: MongoClientOptions): Promise<T> {
  const own = options ? await MongoClient.connect(url, options) : client;
  const db = own.db(`resetkit_test_${process.pid}_${++count}`);
  try {
    return await work(db);
  } finally {
    await db.dropDatabase();
    if (own !== client) await own.close();
  }
}

storeSuite(
  { describe, it },
  `mongodbStore on ${server}`,
  async () => {
    const db = client.db(`resetkit_test_${process.pid}_${++count}`);
    await migrate(db);
    return { store: mongodbStore(db), close: () => db.dropDatabase() };
  },
  { lacks: ["transaction"] },
);

describe(`ids on ${server}`, () => {
  it("come back as they came, an ObjectId and a UUID too", async () => {
    await withDatabase(async (db) => {
      await migrate(db);
      const { tokens } = mongodbStore(db);
      const objectId = new ObjectId();
      const uuid = new UUID();
      const ids = [objectId, objectId.toHexString(), uuid, uuid.toHexString(), 2n ** 80n, -(2n ** 63n)];
      for (const [number, userId] of ids.entries()) {
        expect(await tokens.put(row(number, { userId }), rule({ maxLive: 1 }))).toBe("stored");
      }
      for (const [number, userId] of ids.entries()) {
        const [found] = await tokens.liveOf(userId, { scope: "", now: start });
        expect(found?.userId).toEqual(userId);
        expect(found?.lookup).toEqual(bytes(16, number));
      }
      const [found] = await tokens.liveOf(objectId, { scope: "", now: start });
      expect(found?.userId).toBeInstanceOf(ObjectId);
    });
  });

  it("are stored as they are, so that a $lookup finds their users", async () => {
    await withDatabase(async (db) => {
      await migrate(db);
      const objectId = new ObjectId();
      for (const [number, userId] of [objectId, 7, "ada"].entries()) {
        await mongodbStore(db).tokens.put(row(number, { userId }), rule());
      }
      const documents = await db
        .collection("resetkit_tokens")
        .find({}, { sort: { lookup: 1 } })
        .toArray();
      expect(documents.map(({ userId }) => userId)).toEqual([objectId, 7, "ada"]);
    });
  });
});

describe(`a reset on ${server}`, () => {
  it.each<[string, () => ObjectId | string]>([
    ["an ObjectId", () => new ObjectId()],
    ["a string", () => "ada"],
  ])("goes from request to confirm for a user whose id is %s, and one of 50 wins", async (_, newId) => {
    await withDatabase(async (db) => {
      await migrate(db);
      const users = db.collection<MongoUser>("users");
      const _id = newId();
      await users.insertOne({ _id, email: "ada@example.com", passwordHash: "old" });
      const mails: Message<MongoUser>[] = [];
      const reset = passwordReset<MongoUser>({
        users: {
          findByIdentifier: (email) => users.findOne({ email }),
          findById: (id) => users.findOne({ _id: id }),
          idOf: (user) => user._id,
          stateOf: (user) => [user.passwordHash, user.email],
          async setPassword(user, password, { expected: [passwordHash, email] }) {
            const change = { $set: { passwordHash: `hash of ${password}` } };
            const filter = { _id: user._id, passwordHash: passwordHash as string, email: email as string };
            return (await users.updateOne(filter, change)).matchedCount === 1;
          },
          revokeSessions: "none",
        },
        secret,
        store: mongodbStore(db),
        url: "https://app.example.com/reset-password/{token}",
        deliver: (message) => void mails.push(message),
        throttles: false,
        worker: "outside",
        log: keptLog(),
      });
      await reset.request({ identifier: "ada@example.com" });
      await reset.drain();
      const { token } = mails[0] as ResetMessage<MongoUser>;
      const confirms = Array.from({ length: 50 }, () => reset.confirm({ token, password: goodPassword }));
      const ends = await Promise.allSettled(confirms);
      expect(ends.filter(({ status }) => status === "fulfilled").length).toBe(1);
      expect((await users.findOne({ _id }))?.passwordHash).toBe(`hash of ${goodPassword}`);
      expect(await db.collection("resetkit_tokens").find().toArray()).toEqual([]);
    });
  });
});

describe(`what the MongoDB store sends to ${server}`, () => {
  it("is kept by a majority and read from the primary, however the client was made", async () => {
    const commands: Document[] = [];
    await withDatabase(
      async (db) => {
        db.client.on("commandStarted", ({ command }) => commands.push(command));
        await migrate(db);
        await useEveryVerb(db);
      },
      { monitorCommands: true, readPreference: "secondaryPreferred", writeConcern: { w: 1 } },
    );
    const writes = commands.filter((one) => one.insert ?? one.update ?? one.delete ?? one.findAndModify);
    expect(writes.length).toBeGreaterThan(10);
    for (const { writeConcern } of writes) expect(writeConcern).toEqual({ w: "majority" });
    const reads = commands.filter((one) => one.find);
    expect(reads.length).toBeGreaterThan(5);
    for (const { $readPreference = { mode: "primary" } } of reads) {
      expect($readPreference).toEqual({ mode: "primary" });
    }
  });

  it.each<MongoClientOptions>([
    { promoteValues: false },
    { promoteLongs: false },
    { promoteBuffers: true },
    { useBigInt64: true },
    { ignoreUndefined: true },
    { raw: true },
  ])("comes back as plain values to a client made with %o", async (options) => {
    await withDatabase(async (db) => {
      await migrate(db);
      await useEveryVerb(db);
    }, options);
  });

  it("is never taken for an expression, whatever a visitor sends", async () => {
    await withDatabase(async (db) => {
      await migrate(db);
      const { tokens } = mongodbStore(db);
      const hostile = row(1, { userAgent: "$$NOW", ip: "$lookup", userId: "$user", scope: "$scope" });
      await tokens.put(hostile, rule());
      same(await tokens.find(hostile.lookup), hostile);
    });
  });
});

describe(`what version 0.1.0 left on ${server}`, () => {
  it("is an entry or a token like any other", async () => {
    await withDatabase(async (db) => {
      await migrate(db);
      const { tokens, queue } = mongodbStore(db);
      const { id, sealed } = entry(1);
      const times = { addedAt: start, dueAt: start };
      await db.collection<any>("resetkit_queue").insertOne({ _id: id, sealed, ...times });
      expect(await queue!.stats(start, ["ours"])).toEqual({ waiting: 1, oldestAt: start, foreign: 0 });
      same(await queue!.lease(9, start, start + minute, ["ours"]), [{ id, sealed, ...times }]);
      await queue!.retry(id, start + hour, "a reason");
      same(await queue!.list({ limit: 9 }), [
        { id, addedAt: start, dueAt: start + hour, attempts: 1, failure: "a reason" },
      ]);
      expect(await queue!.removeExpired(start + 25 * hour, 9)).toBe(0);

      await tokens.put(row(1, { delivery: "accepted" }), rule());
      const [kept] = await db.collection("resetkit_tokens").find().toArray();
      expect([kept!._id, kept!.issued]).toEqual(['["","s:ada",0]', undefined]);
      const now = start + 2 * hour;
      expect(await tokens.put(row(2, { createdAt: now, issued: true }), rule({ now, maxLive: 1 }))).toBe(
        "stored",
      );
      expect(await tokens.put(row(3, { createdAt: now }), rule({ now, maxLive: 1 }))).toBe("successor");
      await tokens.delivered(bytes(16, 3), true, { maxLive: 1 });
      const live = await tokens.liveOf("ada", { scope: "", now });
      expect(live.map(({ lookup, issued }) => [lookup, issued])).toEqual([
        [bytes(16, 2), true],
        [bytes(16, 3), undefined],
      ]);
    });
  });
});

describe(`documents that are over, on ${server}`, () => {
  it.each([start, 0])("may be dropped by the server an hour later, at a clock that says %d", async (now) => {
    await withDatabase(async (db) => {
      await migrate(db);
      const before = Date.now();
      const { tokens, counters } = mongodbStore(db);
      await tokens.put(row(1, { createdAt: now, expiresAt: now + 24 * hour }), rule({ now }));
      await counters.hit("a", { per: minute, now });
      await counters.hit("a", { per: minute, now: now + 1 });
      const dropAt = async (name: string) => {
        const [document] = await db.collection(name).find().toArray();
        return document!.dropAt.getTime() - before;
      };
      // The server's clock and this one may differ by a little where the server is a real one.
      expect(Math.abs((await dropAt("resetkit_tokens")) - 25 * hour)).toBeLessThan(minute);
      expect(Math.abs((await dropAt("resetkit_counters")) - hour - minute)).toBeLessThan(minute);
    });
  });

  it("are what its TTL indexes drop, and nothing else", async () => {
    await withDatabase(async (db) => {
      await migrate(db);
      const ttl = await Promise.all(
        ["tokens", "counters", "queue"].map((name) => db.collection(`resetkit_${name}`).indexes()),
      );
      const keys = ttl.map((indexes) =>
        indexes.filter((one) => one.expireAfterSeconds === 0).map(({ key }) => key),
      );
      expect(keys).toEqual([[{ dropAt: 1 }], [{ dropAt: 1 }], []]);
    });
  });

  if (!MONGODB_URL) {
    it("go, once the double's TTL monitor comes by", async () => {
      await withDatabase(async (db) => {
        await migrate(db);
        const { tokens } = mongodbStore(db);
        await tokens.put(row(1, { expiresAt: start + hour }), rule());
        await tokens.put(row(2, { expiresAt: start + 2 * hour }), rule());
        const inHours = (hours: number) => new Date(Date.now() + hours * hour);
        double!.dropOver(inHours(1.9));
        expect((await tokens.list({ limit: 9 })).length).toBe(2);
        double!.dropOver(inHours(2.1));
        expect((await tokens.list({ limit: 9 })).map(({ lookup }) => lookup)).toEqual([bytes(16, 2)]);
      });
    });
  }
});

describe(`races on ${server}`, () => {
  it("are there: of 200 callers who read first and write afterwards, many win the lease", async () => {
    await withDatabase(async (db) => {
      const tokens = db.collection<{ _id: number; leased: boolean }>("naive");
      await tokens.insertOne({ _id: 1, leased: false });
      const wins = await Promise.all(
        Array.from({ length: 200 }, async () => {
          if ((await tokens.findOne({ _id: 1 }))?.leased) return false;
          await tokens.updateOne({ _id: 1 }, { $set: { leased: true } });
          return true;
        }),
      );
      expect(wins.filter(Boolean).length).toBeGreaterThan(1);
    });
  });

  it("lost at a counter's first hit are run again", async () => {
    await withDatabase(async (db) => {
      const refused = { code: 11_000 };
      const { counters } = mongodbStore(first(db, "findOneAndUpdate", () => Promise.reject(refused)));
      const window = { per: minute, now: start };
      expect(await counters.hit("a", window)).toEqual({ count: 1, resetAt: start + minute });
    });
  });

  it("between clearing and a new token leave the new token", async () => {
    await withDatabase(async (db) => {
      await migrate(db);
      const { tokens } = mongodbStore(db);
      await tokens.put(row(1, { expiresAt: start + 1 }), rule({ maxLive: 1 }));
      const replace = () => tokens.put(row(2), rule({ now: start + 2, maxLive: 1 }));
      const clearing = mongodbStore(first(db, "deleteMany", replace)).tokens;
      expect(await clearing.removeExpired(start + 2, 9)).toBe(0);
      expect((await tokens.find(bytes(16, 2)))?.expiresAt).toBe(start + 24 * hour);
    });
  });
});

/** The same database, but that something happens right before the first call of a method. */
function first(db: Db, method: keyof MongoCollection, happen: () => Promise<unknown>): MongoDatabase {
  let happened = false;
  return {
    command: (command) => db.command(command),
    collection: (name, options) =>
      new Proxy(db.collection(name, options), {
        get(collection, key: keyof MongoCollection) {
          return (...args: unknown[]) => {
            const call = () => Reflect.apply(collection[key] as () => unknown, collection, args);
            if (key !== method || happened) return call();
            happened = true;
            return happen().then(call);
          };
        },
      }) as unknown as MongoCollection,
  };
}

describe("migrate and check of the MongoDB store", () => {
  it("creates what is not there yet, as often as it is called", async () => {
    await withDatabase(async (db) => {
      await migrate(db, { prefix: "shop_" });
      await migrate(db, { prefix: "shop_" });
      await expect(mongodbStore(db, { prefix: "shop_" }).check!()).resolves.toBeUndefined();
      expect((await db.collection("shop_tokens").indexes()).length).toBe(6);
    });
  });

  it("says which index is missing, and how to get it", async () => {
    await withDatabase(async (db) => {
      const missing = (keys: string, of: string) =>
        `MongoDB has no ${keys} of resetkit's ${of}. Run "npx resetkit migrate", or await migrate(db) at start.`;
      const { check } = mongodbStore(db);
      await expect(check!()).rejects.toThrow(missing("unique index on lookup", "tokens"));
      await db.collection("resetkit_tokens").createIndex({ lookup: 1 });
      await expect(check!()).rejects.toThrow(missing("unique index on lookup", "tokens"));
      await db.dropDatabase();
      await db.collection("resetkit_tokens").createIndex({ lookup: 1 }, { unique: true });
      await expect(check!()).rejects.toThrow(missing("unique index on code.lookup", "tokens"));
    });
  });

  it("refuses a server that is too old", async () => {
    const old = { collection: () => ({}) as never, command: async () => ({ version: "4.0.28" }) };
    await expect(mongodbStore(old).check!()).rejects.toThrow(
      "This is MongoDB 4.0.28, which is too old. Run MongoDB 4.2 or newer.",
    );
  });
});

describe("mongodbStore", () => {
  it("refuses what is no database, in a sentence that ends with the fix", () => {
    for (const wrong of [undefined, null, {}, "mongodb://127.0.0.1", client]) {
      expect(() => mongodbStore(wrong as never)).toThrow(
        new TypeError(
          'mongodbStore needs a MongoDB database. Pass client.db("app") of the mongodb driver, or connection.db of Mongoose.',
        ),
      );
    }
  });

  it("refuses options that it does not know, and prefixes that no collection can have", () => {
    const db = client.db("unused");
    expect(() => mongodbStore(db, { prefx: "a" } as never)).toThrow(
      new TypeError('mongodbStore has no option "prefx". Did you mean "prefix"?'),
    );
    for (const prefix of ["", "a$b", "1a", ".a", "a b"]) {
      expect(() => mongodbStore(db, { prefix })).toThrow(
        `mongodbStore has the prefix ${JSON.stringify(prefix)}. Use at most 64 letters, digits, and any of "_.-", beginning with a letter.`,
      );
    }
  });
});

async function useEveryVerb(db: Db): Promise<void> {
  const { tokens, counters, queue } = mongodbStore(db);
  const whole = row(1, { userId: 7, code: code(1), ip: "192.0.2.1", delivery: "failed" });
  expect(await tokens.put(whole, rule())).toBe("stored");
  expect(await tokens.put(row(2, { userId: 7, ip: undefined }), rule({ maxLive: 1 }))).toBe("stored");
  same(await tokens.find(bytes(16, 2)), row(2, { userId: 7 }));
  await tokens.delivered(bytes(16, 2), true);
  expect(await tokens.lease(bytes(16, 2), start + minute, start)).toBe(true);
  expect(await tokens.renew(bytes(16, 2), start + hour, start + minute)).toBe(true);
  await tokens.release(bytes(16, 2), start + hour);
  const late = rule({ now: start + 2 * hour, maxLive: 1 });
  expect(await tokens.put(row(4, { userId: 7, createdAt: start + 2 * hour }), late)).toBe("successor");
  await tokens.delivered(bytes(16, 4), false);
  expect(await tokens.put(row(5, { userId: 7, issued: true }), late)).toBe("stored");
  await tokens.delivered(bytes(16, 5), true, { maxLive: 1 });
  expect(await tokens.finish(bytes(16, 4))).toBe(true);
  expect(await tokens.finish(bytes(16, 5))).toBe(true);
  const after = row(2, { userId: 7, delivery: "accepted" });
  same(await tokens.liveOf(7, { scope: "", now: start }), [after]);
  same(await tokens.list({ limit: 9 }), [after]);
  expect(await tokens.finish(bytes(16, 2))).toBe(true);
  expect(await tokens.removeByUser(7, { scope: "" })).toBe(0);
  await tokens.put(row(3), rule());
  expect(await tokens.removeExpired(start + 25 * hour, 9)).toBe(1);

  const window = { per: minute, now: start };
  expect(await counters.hit("a", window)).toEqual({ count: 1, resetAt: start + minute });
  expect(await counters.hit("a", { ...window, by: -1 })).toEqual({ count: 0, resetAt: start + minute });
  expect(await counters.removeExpired(start + hour, 9)).toBe(1);

  const [first, second] = [entry(1, { kind: "finish", keyId: "ours" }), entry(2, { kind: "request" })];
  await queue!.add(first);
  await queue!.add(second);
  await expect(queue!.add(first)).rejects.toThrow("E11000");
  expect(await queue!.stats(start + 2, ["theirs"])).toEqual({ waiting: 2, oldestAt: start + 1, foreign: 1 });
  same(await queue!.lease(1, start + 1, start + minute, ["ours"]), [first]);
  await queue!.retry(first.id, start + hour, "$$NOW");
  const { sealed: _, ...shown } = first;
  same(await queue!.list({ limit: 1 }), [{ ...shown, dueAt: start + hour, attempts: 1, failure: "$$NOW" }]);
  expect(await queue!.removeExpired(start + hour, 9)).toBe(1);
  await queue!.done(first.id);
}
