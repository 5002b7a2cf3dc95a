import { Redis } from "ioredis";
import { MongoClient } from "mongodb";
import { afterAll, describe, expect, it } from "vitest";
import { adminPages } from "../../src/pages/admin.js";
import { migrate, mongodbStore } from "../../src/stores/mongodb.js";
import { redisStore } from "../../src/stores/redis.js";
import type { Store } from "../../src/types.js";
import { makeKit, people } from "../kit.js";
import { startMongodbDouble } from "../servers/mongodb-double.js";
import { redis } from "../servers/redis.js";
import { browse, site } from "./browse.js";

// SQL and memory are in admin.test.ts.
const client = new Redis(await redis());
const double = process.env["MONGODB_URL"] ? undefined : await startMongodbDouble();
const mongo = await MongoClient.connect(process.env["MONGODB_URL"] ?? double!.url);
const db = mongo.db(`resetkit_admin_${process.pid}`);

afterAll(async () => {
  client.disconnect();
  await db.dropDatabase();
  await mongo.close();
  await double?.stop();
});

const stores: Readonly<Record<string, () => Promise<Store>>> = {
  Redis: async () => redisStore(client, { prefix: crypto.randomUUID() }),
  MongoDB: async () => {
    await migrate(db);
    return mongodbStore(db);
  },
};

describe.each(Object.entries(stores))("adminPages() on %s", (_name, make) => {
  it("lists, revokes, and drops", async () => {
    const kit = makeKit({ store: await make() }, people("ada@example.com", "grace@example.com"));
    const admin = browse(adminPages(kit.reset, { authorize: () => true, baseUrl: site, log: kit.log }));
    const press = async (path: string, action: string) => {
      const page = await admin.get(path);
      const form = page.page.querySelectorAll("form").find((one) => one.getAttribute("action") === action)!;
      const fields = form
        .querySelectorAll("input")
        .map((one) => [one.getAttribute("name")!, one.getAttribute("value") ?? ""]);
      return admin.post(action, Object.fromEntries(fields));
    };
    const { token } = await kit.ask("ada@example.com");
    await kit.ask("grace@example.com");
    const { text } = await admin.get("/admin");
    expect(text).toContain("ada@example.com");
    expect(text).toContain("grace@example.com");

    expect((await press("/admin/account?user=n%3A1", "/admin/revoke")).status).toBe(303);
    expect(await kit.reset.validate({ token })).toBe(false);
    expect((await admin.get("/admin")).text).not.toContain("ada@example.com");

    await kit.reset.request({ identifier: "ada@example.com" });
    const [, id] = /drop\?id=([\da-f]{32})/.exec((await admin.get("/admin/queue")).text)!;
    expect((await press(`/admin/queue/drop?id=${id}`, "/admin/queue/drop")).status).toBe(303);
    expect((await admin.get("/admin/queue")).text).toContain("The queue is empty.");
  });
});
