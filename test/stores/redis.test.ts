import { Redis } from "ioredis";
import { createClient } from "redis";
import { redisStore } from "resetkit/stores/redis";
import { storeCases, storeSuite } from "resetkit/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { bytes, code, entry, hour, minute, row, rule, start } from "../../src/testing/store/samples.js";
import { goodPassword, makeKit } from "../kit.js";
import { ownRedis, redis } from "../servers/redis.js";

const lacks = ["transaction"] as const;
/** Every store has the server for itself, by a prefix that no other has. */
const alone = () => ({ prefix: crypto.randomUUID() });

storeSuite(
  { describe, it },
  "redisStore over ioredis",
  async () => {
    const ioredis = new Redis(await redis());
    return { store: redisStore(ioredis, alone()), close: () => ioredis.disconnect() };
  },
  { lacks },
);

for (const RESP of [2, 3] as const) {
  storeSuite(
    { describe, it },
    `redisStore over node-redis in RESP${RESP}`,
    async () => {
      const nodeRedis = await createClient({ url: await redis(), RESP }).connect();
      return { store: redisStore(nodeRedis, alone()), close: () => nodeRedis.destroy() };
    },
    { lacks },
  );
}

// What follows reconfigures the server, looks at all of its keys and flushes it.
let client: Redis;

beforeAll(async () => {
  client = new Redis(await ownRedis());
});
beforeEach(async () => {
  await client.flushall();
});
afterAll(() => client.disconnect());

describe("the scripts of the Redis store", () => {
  it("touch no key but those that they are called with", async () => {
    const monitor = await client.duplicate().monitor();
    const touched: string[] = [];
    let declared: string[] = [];
    let scripts = 0;
    monitor.on("monitor", (_time: string, [verb = "", ...args]: string[], source: string) => {
      if (/^eval(sha)?$/i.test(verb)) {
        scripts++;
        declared = args.slice(2, 2 + Number(args[1]));
      } else if (source === "lua") {
        const keys = /^(del|exists)$/i.test(verb) ? args : args.slice(0, 1);
        touched.push(...keys.filter((key) => !declared.includes(key)));
      }
    });
    for (const one of storeCases) {
      if (one.needs === "transaction") continue;
      await client.flushall();
      await one.run(redisStore(client));
    }
    await client.eval("return redis.call('GET', 'another')", 1, "declared");
    await vi.waitFor(() => expect(touched).toContain("another"));
    monitor.disconnect();
    expect(scripts).toBeGreaterThan(1_000);
    expect(touched).toEqual(["another"]);
  });

  it("are sent again to a server that has forgotten them", async () => {
    const { tokens } = redisStore(client);
    await tokens.put(row(1), rule());
    await client.script("FLUSH");
    expect(await tokens.lease(bytes(16, 1), start + minute, start)).toBe(true);
  });

  it("are needed: of 200 callers who read first and write afterwards, many win the lease", async () => {
    await client.set("leased", "0");
    const others = Array.from({ length: 4 }, () => client.duplicate());
    const wins = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const own = others[i % 4]!;
        if ((await own.get("leased")) !== "0") return false;
        await own.set("leased", "1");
        return true;
      }),
    );
    for (const other of others) other.disconnect();
    expect(wins.filter(Boolean).length).toBeGreaterThan(1);
  });
});

describe("the keys of the Redis store", () => {
  it("lie in one slot for each part, under the prefix", async () => {
    await client.set("{resetkit:tokens}:alien", "1");
    await fill("shop");
    const keys = (await client.keys("*")).filter((key) => key !== "{resetkit:tokens}:alien");
    expect(new Set(keys.map((key) => /^\{[^}]+\}/.exec(key)?.[0]))).toEqual(
      new Set(["{shop:tokens}", "{shop:counters}", "{shop:queue}"]),
    );
    expect(await redisStore(client).tokens.list({ limit: 9 })).toEqual([]);
  });

  it.each([start, 0])(
    "go by themselves an hour after they are over, at a clock that says %d",
    async (now) => {
      await fill("resetkit", now);
      const live = async (pattern: string) => {
        const keys = await client.keys(pattern);
        expect(keys.length).toBeGreaterThan(0);
        const times = await Promise.all(keys.map((key) => client.pttl(key)));
        return [Math.min(...times), Math.max(...times)];
      };
      const [shortest, longest] = await live("{resetkit:tokens}*");
      expect(shortest).toBeGreaterThan(25 * hour - minute);
      expect(longest).toBeLessThanOrEqual(25 * hour);
      const [first, last] = await live("{resetkit:counters}*");
      expect(first).toBeGreaterThan(hour);
      expect(last).toBeLessThanOrEqual(hour + minute);
      expect(await live("{resetkit:queue}*")).toEqual([-1, -1]);
    },
  );

  it.each([
    [24 * hour, minute],
    [minute, 24 * hour],
  ])("stay as long as the account's longest-lived token", async (...lives) => {
    const { tokens } = redisStore(client);
    for (const [number, life] of lives.entries()) {
      await tokens.put(row(number, { expiresAt: start + life }), rule());
    }
    for (const key of ['of:["","s:ada"]', "expiry", "index"]) {
      expect(await client.pttl(`{resetkit:tokens}:${key}`)).toBeGreaterThan(25 * hour - minute);
    }
  });

  it("are all gone once the tokens are, whichever way they went", async () => {
    const { tokens } = redisStore(client);
    const put = (number: number) =>
      tokens.put(row(number, { code: code(number), delivery: "failed" }), rule({ maxLive: 2 }));
    for (const number of [1, 2, 3]) expect(await put(number)).toBe("stored");
    expect(await tokens.finish(bytes(16, 2))).toBe(true);
    expect(await tokens.removeByUser("ada", { scope: "" })).toBe(1);
    await put(4);
    expect(await tokens.removeExpired(start + 25 * hour, 9)).toBe(1);
    expect(await client.keys("*")).toEqual([]);
  });

  it("that Redis has dropped are missed by nobody, and cleared from the lists", async () => {
    const { tokens } = redisStore(client);
    for (const number of [1, 2, 3]) {
      await tokens.put(row(number, { userId: number, code: code(number) }), rule());
    }
    await client.del(account(2), ...(await client.keys("*:at:*")));
    expect(await tokens.find(bytes(16, 2))).toBe(null);
    expect(await tokens.removeExpired(start + 25 * hour, 9)).toBe(3);
    expect(await client.keys("{resetkit:tokens}:expiry")).toEqual([]);
    expect(await client.keys("{resetkit:tokens}:index")).toEqual([]);
  });

  it("of a row that came between stay when what expired is cleared", async () => {
    const { tokens } = redisStore(client);
    await tokens.put(row(1, { expiresAt: start + 1 }), rule());
    let calls = 0;
    const slow = {
      async evalsha(...args: [string, number, ...string[]]) {
        const answer = await client.evalsha(...args);
        if (calls++ === 0) {
          await tokens.finish(bytes(16, 1));
          await tokens.put(row(1), rule());
        }
        return answer;
      },
      eval: (...args: [string, number, ...string[]]) => client.eval(...args),
    };
    expect(await redisStore(slow).tokens.removeExpired(start + 2, 9)).toBe(0);
    expect((await tokens.list({ limit: 9 })).length).toBe(1);
    expect(await tokens.removeExpired(start + 25 * hour, 9)).toBe(1);
  });

  it("that lead nowhere any more are skipped by list, which still fills its pages", async () => {
    const { tokens } = redisStore(client);
    for (const number of [1, 2, 3, 4]) await tokens.put(row(number, { userId: number }), rule());
    await client.del(account(1), account(2));
    const page = await tokens.list({ limit: 2 });
    expect(page.map(({ userId }) => userId)).toEqual([3, 4]);
  });

  it("may stand behind the prefix that ioredis puts before all of its keys", async () => {
    const prefixed = client.duplicate({ keyPrefix: "app:" });
    const { tokens, counters } = redisStore(prefixed);
    await tokens.put(row(1, { code: code(1) }), rule());
    await counters.hit("a", { per: minute, now: start });
    expect(await tokens.finish(bytes(16, 1))).toBe(true);
    expect(await client.keys("*")).toEqual(
      expect.arrayContaining(["app:{resetkit:counters}:closing", "app:{resetkit:counters}:window:a"]),
    );
    expect(await client.keys("app:{resetkit:tokens}*")).toEqual([]);
    prefixed.disconnect();
  });

  const account = (id: number) => `{resetkit:tokens}:of:["","n:${id}"]`;

  async function fill(prefix: string, now = start) {
    const { tokens, counters, queue } = redisStore(client, { prefix });
    const times = { createdAt: now, expiresAt: now + 24 * hour };
    await tokens.put(row(1, { ...times, code: code(1) }), rule({ now }));
    await counters.hit("a", { per: minute, now });
    await counters.hit("a", { per: minute, now: now + 1 });
    await queue!.add(entry(1));
  }
});

describe("what version 0.1.0 left in Redis", () => {
  /** As that version wrote it. */
  async function addAsBefore(number: number, addedAt: number, dueAt: number): Promise<string> {
    const { id } = entry(number);
    await client.hset("{resetkit:queue}:entries", id, `${addedAt} AAAA`);
    await client.zadd("{resetkit:queue}:due", dueAt, id);
    await client.zadd("{resetkit:queue}:added", addedAt, id);
    return id;
  }

  it("is leased, tried again, reported and done like any other entry", async () => {
    const queue = redisStore(client).queue!;
    const id = await addAsBefore(1, start, start + 1);
    await queue.add(entry(2, { keyId: "ours" }));
    const shown = { id, addedAt: start, kind: undefined, keyId: undefined };
    expect(await queue.stats(start + 1, ["ours"])).toEqual({ waiting: 1, oldestAt: start, foreign: 0 });
    expect(await queue.lease(9, start + 1, start + minute, ["ours"])).toEqual([
      { ...shown, sealed: new Uint8Array(3), dueAt: start + 1 },
    ]);
    await queue.retry(id, start + hour, "the mail server is down");
    expect((await queue.list({ limit: 9 }))[0]).toEqual({
      ...shown,
      dueAt: start + hour,
      attempts: 1,
      failure: "the mail server is down",
    });
    expect(await queue.removeExpired(start + 25 * hour, 9)).toBe(0);
    await queue.done(id);
    await queue.done(entry(2).id);
    expect(await client.keys("*")).toEqual([]);
  });

  it("is done before anyone looked at it", async () => {
    const queue = redisStore(client).queue!;
    const id = await addAsBefore(1, start, start);
    await queue.done(id);
    expect(await client.keys("*")).toEqual([]);
  });

  it("may still be at work, and removes entries without knowing all lists", async () => {
    const queue = redisStore(client).queue!;
    const id = await addAsBefore(1, start, start);
    expect((await queue.list({ limit: 9 })).length).toBe(1);
    await client.hdel("{resetkit:queue}:entries", id);
    expect(await queue.list({ limit: 9 })).toEqual([]);
    expect(await queue.lease(9, start + 1, start + minute)).toEqual([]);
    expect(await client.keys("*")).toEqual([]);
  });

  it("is an account's token like any other, which a request replaces and an issued row doesn't", async () => {
    const { tokens } = redisStore(client);
    await tokens.put(row(1, { delivery: "accepted" }), rule());
    const field = '{resetkit:tokens}:of:["","s:ada"]';
    expect(Object.values(await client.hgetall(field))[0]).not.toContain("issued");
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
    expect(await client.keys("*:at:*")).toHaveLength(2);
  });
});

describe("the queue in Redis", () => {
  it("asks as little of a lease however many entries of another application are due before ours", async () => {
    const queue = redisStore(client).queue!;
    for (let number = 0; number < 2_000; number++) await queue.add(entry(number, { keyId: "theirs" }));
    await queue.add(entry(5_000, { keyId: "ours" }));
    const calls = async () => {
      const info = await client.info("commandstats");
      return [...info.matchAll(/^cmdstat_[a-z]+:calls=(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
    };
    const before = await calls();
    expect((await queue.lease(10, start + 6_000, start + minute, ["ours"])).length).toBe(1);
    expect((await calls()) - before).toBeLessThan(20);
  });
});

describe("a Redis that fails", () => {
  it("in the middle of tidying up takes no decision back", async () => {
    const { tokens } = redisStore(client);
    await tokens.put(row(1), rule());
    let calls = 0;
    const failing = {
      async evalsha(...args: [string, number, ...string[]]) {
        if (++calls > 2) throw new Error("Connection is closed.");
        return client.evalsha(...args);
      },
      eval: (...args: [string, number, ...string[]]) => client.eval(...args),
    };
    expect(await redisStore(failing).tokens.finish(bytes(16, 1))).toBe(true);
    expect(calls).toBe(3);
    expect(await tokens.find(bytes(16, 1))).toBe(null);
    expect(await tokens.put(row(1), rule())).toBe("taken");
  });

  it("for want of memory changes nothing", async () => {
    const { tokens, counters, queue } = redisStore(client);
    await tokens.put(row(1, { delivery: "failed" }), rule());
    await queue!.add(entry(1));
    await client.config("SET", "maxmemory", "100kb");
    await expect(tokens.put(row(2), rule({ maxLive: 1 }))).rejects.toThrow("OOM");
    await expect(tokens.lease(bytes(16, 1), start + minute, start)).rejects.toThrow("OOM");
    await expect(counters.hit("a", { per: minute, now: start })).rejects.toThrow("OOM");
    await expect(queue!.lease(1, start + 1, start + minute)).rejects.toThrow("OOM");
    await client.config("SET", "maxmemory", "0");
    expect(await tokens.find(bytes(16, 1))).toMatchObject({ leasedUntil: 0 });
    expect(await tokens.find(bytes(16, 2))).toBe(null);
    expect((await queue!.lease(1, start + 1, start + minute)).length).toBe(1);
  });
});

describe("check of the Redis store", () => {
  const memory = async (maxmemory: string, policy: string) => {
    await client.config("SET", "maxmemory", maxmemory, "maxmemory-policy", policy);
  };

  it("is content where nothing can be evicted", async () => {
    for (const [max, policy] of [
      ["0", "allkeys-lru"],
      ["0", "noeviction"],
      ["100mb", "noeviction"],
    ] as const) {
      await memory(max, policy);
      await expect(redisStore(client).check!()).resolves.toBeUndefined();
    }
  });

  it.each(["allkeys-lru", "volatile-lru", "volatile-ttl", "allkeys-random"])(
    "refuses %s, with the fix",
    async (policy) => {
      await memory("100mb", policy);
      await expect(redisStore(client).check!()).rejects.toThrow(
        `Redis would drop reset tokens, counters, and queued emails when its memory is full (maxmemory-policy is ${policy}). Set "maxmemory-policy noeviction" in its configuration, or give resetkit its own Redis with that setting.`,
      );
      await memory("0", "noeviction");
    },
  );

  it("needs no CONFIG, and says so where INFO is forbidden too", async () => {
    await client.call("ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-config");
    const app = client.duplicate({ username: "app", password: "pw" });
    await expect(redisStore(app).check!()).resolves.toBeUndefined();
    await client.call("ACL", "SETUSER", "app", "-info");
    await expect(redisStore(app).check!()).rejects.toThrow(
      "Redis didn't report its version and eviction policy. Check that it's running, and that the user of this connection may run EVALSHA, EVAL, and INFO.",
    );
    app.disconnect();
  });

  it("refuses a server that is too old", async () => {
    const old = {
      evalsha: async () => "# Server\r\nredis_version:5.0.14\r\nmaxmemory:0\r\n",
      eval: async () => null,
    };
    await expect(redisStore(old).check!()).rejects.toThrow(
      "This is Redis 5.0.14, which is too old. Run Redis 6.2 or newer, or Valkey.",
    );
  });
});

describe("redisStore", () => {
  it("carries a reset from request to confirm, which one of 50 wins", async () => {
    const { ask, reset, passwordOf } = makeKit({ store: redisStore(client) });
    const { token } = await ask("ada@example.com");
    expect(await reset.validate({ token })).toBe(true);
    const confirms = Array.from({ length: 50 }, () => reset.confirm({ token, password: goodPassword }));
    const ends = await Promise.allSettled(confirms);
    expect(ends.filter(({ status }) => status === "fulfilled").length).toBe(1);
    expect(passwordOf(1)).toBe(goodPassword);
    expect(await reset.validate({ token })).toBe(false);
  });

  it("refuses what is no client, in a sentence that ends with the fix", () => {
    for (const wrong of [undefined, null, {}, "redis://127.0.0.1", { get() {}, set() {} }]) {
      expect(() => redisStore(wrong as never)).toThrow(
        new TypeError(
          "redisStore needs a Redis client. Pass new Redis(url) of ioredis, or a connected createClient({ url }) of redis.",
        ),
      );
    }
  });

  it("refuses options that it does not know, and prefixes that would break the hash tag", () => {
    expect(() => redisStore(client, { prefx: "a" } as never)).toThrow(
      new TypeError('redisStore has no option "prefx". Did you mean "prefix"?'),
    );
    expect(() => redisStore(client, { parseId: "hex" } as never)).toThrow(
      new TypeError("redisStore's parseId must be a function: pass a function of the id's text."),
    );
    for (const prefix of ["", "a{b", "a}b", "a b", "x".repeat(65)]) {
      expect(() => redisStore(client, { prefix })).toThrow(
        `redisStore has the prefix ${JSON.stringify(prefix)}. Use 1 to 64 letters, digits, and any of "_.:-".`,
      );
    }
  });

  it("gives an ObjectId back as its text, or as what parseId makes of that", async () => {
    const { tokens } = redisStore(client);
    const id = { toHexString: () => "65f000000000000000000001" };
    await tokens.put(row(1, { userId: id }), rule());
    expect((await tokens.find(bytes(16, 1)))?.userId).toBe("65f000000000000000000001");
    const parsed = redisStore(client, { parseId: (text) => ({ toHexString: () => text }) }).tokens;
    const [found] = await parsed.liveOf(id, { scope: "", now: start });
    expect((found?.userId as typeof id).toHexString()).toBe("65f000000000000000000001");
    expect(await tokens.removeByUser(id, { scope: "" })).toBe(1);
  });
});
