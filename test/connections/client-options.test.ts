import { Redis } from "ioredis";
import { createPool as createCallbackPool } from "mysql2";
import { createPool } from "mysql2/promise";
import { Client, Pool } from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { redisStore } from "resetkit/stores/redis";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const host = "127.0.0.1";

/** Clients that are made and never used: nothing is connected to. */
const redis = (options: object) => {
  const client = new Redis({ host, lazyConnect: true, ...options });
  closing.push(() => client.disconnect());
  return client;
};
const pool = (options: object) => {
  const made = createPool({ host, ...options });
  closing.push(() => made.end());
  return made;
};
const callbackPool = (options: object) => {
  const made = createCallbackPool({ host, ...options });
  closing.push(() => made.promise().end());
  return made;
};

describe("a client whose options change what comes back is refused, with the fix", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["ioredis, stringNumbers", () => redisStore(redis({ stringNumbers: true })), /Pass a client without it/],
    ["mysql2, rowsAsArray", () => mysql2(pool({ rowsAsArray: true })), /Pass a pool without it/],
    ["mysql2 with callbacks", () => mysql2(callbackPool({ rowsAsArray: true })), /Pass a pool without it/],
    [
      "a Client of pg",
      () => pg(new Client() as never),
      /pg\(\) received a Client, which can't run several transactions.*Pass a Pool: new Pool/,
    ],
  ])("%s", (_, make, fix) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(fix);
  });

  it("takes the same clients without the options (control)", () => {
    expect(() => redisStore(redis({}))).not.toThrow();
    for (const made of [pool({}), callbackPool({})]) expect(() => mysql2(made)).not.toThrow();
    expect(() => pg(new Pool())).not.toThrow();
  });
});
