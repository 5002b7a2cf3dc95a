import { type Collection, MongoClient, ObjectId } from "mongodb";
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { signedTokens } from "resetkit/tokens/signed";
import { migrate, mongodbStore } from "resetkit/stores/mongodb";
import { usersSuite } from "resetkit/testing";
import { mongodbUsers, type MongodbUsersOptions } from "resetkit/users/mongodb";
import { goodPassword, makeKit } from "../kit.js";
import { type MongodbDouble, startMongodbDouble } from "../servers/mongodb-double.js";
import { hashPassword, onDatabase } from "./people-table.js";

interface Person {
  _id: ObjectId;
  email: string;
  username?: string;
  passwordHash?: string | null;
  active: boolean;
  changedAt: Date | null;
  updatedAt?: Date;
}

// There is no MongoDB for the machines of these tests: what answers is a double. See there what that proves.
const { MONGODB_URL } = process.env;
const server = MONGODB_URL ? "a MongoDB" : "a double of MongoDB";
let double: MongodbDouble | undefined;
let client: MongoClient;
let users: Collection<Person>;
let sessions: Collection;

beforeAll(async () => {
  double = MONGODB_URL ? undefined : await startMongodbDouble();
  client = await MongoClient.connect(MONGODB_URL ?? double!.url);
  users = client.db(`resetkit_users_${process.pid}`).collection("users");
  sessions = client.db(`resetkit_users_${process.pid}`).collection("sessions");
});
afterAll(async () => {
  if (MONGODB_URL) await client.db(`resetkit_users_${process.pid}`).dropDatabase();
  await client.close();
  await double?.stop();
});

const ada = new ObjectId();
beforeEach(fill);

async function fill(): Promise<void> {
  await users.deleteMany({});
  await sessions.deleteMany({});
  const changedAt = new Date("2026-01-10T08:09:10.123Z");
  const rest = { active: true, changedAt };
  await users.insertOne({
    _id: ada,
    email: "ada@example.com",
    username: "ada",
    passwordHash: "#old",
    ...rest,
  });
  await users.insertOne({ _id: new ObjectId(), email: "new@example.com", ...rest, changedAt: null });
}

const options = (change: object = {}): MongodbUsersOptions<Collection<Person>> => ({
  identifier: ["email", "username"],
  passwordHash: "passwordHash",
  state: ["active", "changedAt"],
  eligible: (user) => user.active,
  touch: { updatedAt: () => new Date() },
  sessions: { collection: sessions, userId: "userId" },
  hashPassword,
  ...change,
});

const subject = (port = mongodbUsers(users, options())) => ({
  users: port,
  identifier: "ADA@example.com",
  otherIdentifiers: ["ada"],
  withoutPassword: "new@example.com",
  sessions: {
    start: (user: Person) => sessions.insertOne({ userId: user._id }),
    count: async (user: Person) => (await sessions.find({ userId: user._id }).toArray()).length,
  },
});

onDatabase(`mongodbUsers on ${server}`, () =>
  usersSuite({ describe, it }, `mongodbUsers on ${server}`, () => subject(), { lacks: ["lock"] }),
);

describe("mongodbUsers", () => {
  it("resets a password with a store in MongoDB, and ends the sessions", async () => {
    const db = client.db(`resetkit_users_${process.pid}`);
    await migrate(db);
    const { reset, ask } = makeKit({
      users: mongodbUsers(users, options()) as never,
      store: mongodbStore(db),
    });
    await sessions.insertOne({ userId: ada });
    const { token } = await ask("Ada@Example.com");
    await reset.confirm({ token, password: goodPassword });
    const found = await users.findOne({ _id: ada });
    expect(found!.passwordHash).toContain(Buffer.from(goodPassword).toString("hex"));
    expect(found!.updatedAt).toBeInstanceOf(Date);
    expect(await sessions.find({}).toArray()).toEqual([]);
    expect(await reset.validate({ token })).toBe(false);
  });

  it("finds an ObjectId again that a token or another store holds as text", async () => {
    const port = mongodbUsers(users, options());
    expect(await port.findById(ada.toHexString(), {})).toMatchObject({ email: "ada@example.com" });
    expect(await port.findById(new ObjectId().toHexString(), {})).toBeNull();
    const { reset, ask } = makeKit({ users: port as never, tokens: signedTokens() });
    const { token } = await ask("ada@example.com");
    await reset.confirm({ token, password: goodPassword });
    expect(await reset.validate({ token })).toBe(false);
  });

  it("takes what was typed as a value, never as an operator", async () => {
    const port = mongodbUsers(users, options());
    for (const typed of ["$ne", "{}", ".*"]) expect(await port.findByIdentifier(typed, {})).toEqual([]);
    expect(await port.findById({ $ne: null }, {})).toBeNull();
  });

  it("reads paths, and every email address of a list", async () => {
    const people: Collection<any> = client.db(`resetkit_users_${process.pid}`).collection("people");
    await people.deleteMany({});
    await people.insertOne({
      mail: "ada@example.com",
      emails: [{ address: "ada@example.com" }, { address: "lovelace@example.com" }],
      services: { password: { bcrypt: "#old" } },
    });
    const port = mongodbUsers(people, {
      ...{ identifier: "emails.address", passwordHash: "services.password.bcrypt", address: "mail" },
      ...{ sessions: "none", hashPassword },
    });
    const [user] = [await port.findByIdentifier("lovelace@example.com", {})].flat() as any[];
    expect(port.identifierOf!(user)).toEqual(["ada@example.com", "lovelace@example.com"]);
    const expected = await port.stateOf(user, {});
    expect(await port.setPassword(user, "#new", { expected })).toBe(true);
    expect(await port.setPassword(user, "#other", { expected })).toBe(false);
    expect((await people.findOne({}))!.services.password.bcrypt).toBe("#new");
    const listed = mongodbUsers(people, {
      ...{ identifier: "emails.address", passwordHash: "services.password.bcrypt" },
      ...{ sessions: "none", hashPassword },
    });
    const sentence =
      'field "emails.address" is an array or a document, and tokens can\'t be bound to it. Name a field with text';
    expect(() => listed.stateOf(user, {})).toThrow(sentence);
    await expect(listed.check!()).rejects.toThrow(sentence);
  });

  it("asks for the collation of the index", async () => {
    const asked: object[] = [];
    const spied = new Proxy(users, {
      get: (target, name) =>
        name === "find"
          ? (filter: object, how: object) => (asked.push({ filter, how }), target.find(filter, {}))
          : Reflect.get(target, name),
    });
    const collation = { locale: "en", strength: 2 };
    await mongodbUsers(spied, options({ collation, identifier: "email" })).findByIdentifier("ADA@x.org", {});
    expect(asked).toEqual([
      { filter: { $or: [{ email: "ADA@x.org" }] }, how: { readPreference: "primary", collation } },
    ]);
  });

  it.each([
    [
      { passwordHash: "password" },
      `mongodbUsers's passwordHash is "password", but no document of the collection has`,
    ],
    [{ identifier: "mail" }, `mongodbUsers's identifier is "mail", but no document`],
    [{ address: "mail" }, `mongodbUsers's address is "mail", but no document`],
  ])("check reports what no document has, with those that are there: %j", async (change, sentence) => {
    const check = async () => mongodbUsers(users, options(change)).check!();
    await expect(check()).rejects.toThrow(sentence);
    await expect(check()).rejects.toThrow("Pass one of _id, email, username, passwordHash,");
    await users.deleteMany({});
    await expect(check()).resolves.toEqual([]);
  });

  it("check reports identifiers without an index once there are many accounts", async () => {
    const people: Collection<Person> = client.db(users.dbName).collection("crowd");
    const port = mongodbUsers(people, { ...options(), sessions: "none" } as never);
    expect(await port.check!()).toEqual([]);
    for (let from = 0; from <= 10_000; from += 1_000) {
      const many = Array.from({ length: 1_000 }, (_, n) => ({
        email: `${from + n}@x.org`,
        username: `${from + n}`,
        passwordHash: "#old",
        active: true,
        changedAt: null,
      }));
      await people.insertMany(many as never);
    }
    const findings = (await port.check!())!;
    expect(findings.map(({ what }) => /"(\w+)", so/.exec(what)![1])).toEqual(["email", "username"]);
    expect(findings[0]!.fix).toBe('Run: db.collection.createIndex({ "email": 1 }).');
    await people.createIndex({ email: 1 });
    await people.createIndex({ username: 1 });
    expect(await port.check!()).toEqual([]);
  });

  it("check and a starting worker report a field of the sessions", async () => {
    await sessions.insertOne({ user: ada });
    const port = mongodbUsers(users, options());
    const sentence = `mongodbUsers's sessions.userId is "userId", but no document`;
    await expect(port.check!()).rejects.toThrow(sentence);
    const { reset, log } = makeKit({ users: port as never });
    const stop = new AbortController();
    const work = reset.work({ signal: stop.signal });
    await expect.poll(() => log.lines.join("\n")).toContain(sentence);
    stop.abort();
    await work;
  });

  it("reports a hash that doesn't move", async () => {
    const port = mongodbUsers(users, options({ hashPassword: () => "#old" }));
    const { reset, ask } = makeKit({ users: port as never });
    const { token } = await ask("ada@example.com");
    await expect(reset.confirm({ token, password: goodPassword })).rejects.toThrow("Salt each hash");
  });

  it("refuses options that can't work, with the fix, and is typed from the collection", () => {
    const made = (change: object) => () => mongodbUsers(users, options(change));
    expect(() => mongodbUsers({} as never, options())).toThrow("must be a collection. Pass client.db");
    expect(made({ identifier: undefined })).toThrow("identifier is missing");
    expect(made({ passwordHash: "$where" })).toThrow("Pass the name of a field");
    expect(made({ sessions: undefined })).toThrow("sessions is missing: pass { collection: db.collection");
    expect(made({ sessions: { collection: "sessions", userId: "userId" } })).toThrow("must be a collection");
    expect(made({ client: {} })).toThrow("client.startSession is missing");
    expect(made({ table: "users" })).toThrow('no option "table"');
    mongodbUsers(users, {
      ...{ identifier: "email", passwordHash: "passwordHash", sessions: "none", hashPassword },
      eligible(user) {
        expectTypeOf(user.email).toEqualTypeOf<string>();
        expectTypeOf(user._id).toExtend<ObjectId>();
        return user.active;
      },
    });
  });
});
