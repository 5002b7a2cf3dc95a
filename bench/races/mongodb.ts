import { MongoClient } from "mongodb";
import { migrate, mongodbStore } from "resetkit/stores/mongodb";
import type { Users } from "resetkit/types";
import { hashOf, type Accounts, type Person } from "./accounts.js";
import type { Opened } from "./databases.js";

interface PersonDocument {
  readonly _id: number;
  readonly email: string;
  readonly passwordHash: string;
}

/** Accounts, sessions, and tokens in one MongoDB, over one connection. */
export function onMongodb(url: string): Opened {
  const client = new MongoClient(url, { maxPoolSize: 1 });
  const db = client.db("resetkit_races");
  const seed = db.collection<{ _id: string; userId: number }>("seed_tokens");
  const accounts = accountsIn();
  return {
    store: mongodbStore(db),
    accounts,
    canLock: false,
    seed: {
      put: (token, userId) => seed.insertOne({ _id: token, userId }),
      select: async (token) => (await seed.findOne({ _id: token }))?.userId ?? null,
      deleteAllOf: (_, userId) => seed.deleteMany({ userId }),
    },
    async create(people) {
      await db.dropDatabase();
      await migrate(db);
      await accounts.create(people);
    },
    version: async () => String((await db.command({ buildInfo: 1 })).version),
    close: () => client.close(),
  };

  function accountsIn(): Accounts {
    const people = db.collection<PersonDocument>("people");
    const sessions = db.collection<{ userId: number }>("sessions");
    const person = (found: PersonDocument | null): Person | null =>
      found && { id: found._id, email: found.email, passwordHash: found.passwordHash };
    const users: Users<Person> = {
      findByIdentifier: async (email) => person(await people.findOne({ email })),
      findById: async (id: number) => person(await people.findOne({ _id: id })),
      stateOf: (user) => [user.passwordHash, user.email],
      hashPassword: (password) => hashOf(password),
      async setPassword(user, hash, { expected }) {
        const [passwordHash, email] = expected as readonly string[];
        const asExpected = { _id: user.id, passwordHash: passwordHash!, email: email! };
        return (await people.updateOne(asExpected, { $set: { passwordHash: hash } })).matchedCount === 1;
      },
      revokeSessions: (user) => sessions.deleteMany({ userId: user.id }),
    };
    return {
      users,
      locking: users,
      async create(count) {
        const all = Array.from({ length: count }, (_, index) => index + 1);
        const documents = all.map((id) => ({
          _id: id,
          email: `${id}@example.com`,
          passwordHash: hashOf("the old one"),
        }));
        await people.insertMany(documents);
      },
      async byId(id) {
        await sessions.insertOne({ userId: id });
        return person(await people.findOne({ _id: id }))!;
      },
      async hasPassword(id, password) {
        const { passwordHash } = (await people.findOne({ _id: id }))!;
        return passwordHash === hashOf(password, passwordHash.split("$")[0]);
      },
      sessionsOf: async (id) => (await sessions.find({ userId: id }).toArray()).length,
      setPasswordBlindly: async (id, password) => {
        await people.updateOne({ _id: id }, { $set: { passwordHash: hashOf(password) } });
      },
    };
  }
}
