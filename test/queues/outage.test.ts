import { afterEach, describe, expect, it } from "vitest";
import { engines } from "../servers/engines.js";
import { postgres, stoppablePostgres } from "../servers/postgres.js";
import { stoppableRedis } from "../servers/redis.js";
import type { OwnServer } from "../servers/shared.js";
import { openEngine, prepare, type Engine, type Place } from "./engine.js";

let engine: Engine | undefined;
let server: OwnServer;
afterEach(async () => {
  await engine?.close();
  await server.stop();
});

const starts = {
  bullmq: async () => {
    server = await stoppableRedis();
    return { database: await postgres(), redis: server.url };
  },
  "pg-boss": async () => {
    server = await stoppablePostgres();
    return { database: server.url, redis: "" };
  },
};

describe.each(["bullmq", "pg-boss"] as const)("a server of %s that goes away", (name) => {
  it("refuses what cannot be kept, loses nothing that was, and is worked with again when it is back", async () => {
    const place: Place = {
      engine: name,
      ...(await starts[name]()),
      name: "outage",
      modules: await engines(),
    };
    await prepare(place);
    engine = await openEngine(place);
    const { reset, accounts } = engine;
    for (const id of ["ada", "eve", "joe"]) {
      await accounts.add({ id, email: `${id}@example.com`, hash: "salt$old" });
    }
    const mailsTo = async (id: string) => (await accounts.mailsTo(`${id}@example.com`)).length;

    await reset.request({ identifier: "ada@example.com" });
    await server.stop();
    const startedAt = Date.now();
    await expect(reset.request({ identifier: "eve@example.com" })).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(Date.now() - startedAt).toBeLessThan(10_000);

    // The worker begins while there is nothing to work with, and finds it by itself.
    const stop = new AbortController();
    const working = reset.work({ signal: stop.signal });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await server.start();
    await expect.poll(() => mailsTo("ada").catch(() => 0), { timeout: 20_000, interval: 200 }).toBe(1);
    await reset.request({ identifier: "joe@example.com" });
    await expect.poll(() => mailsTo("joe"), { timeout: 10_000 }).toBe(1);
    expect(await mailsTo("eve")).toBeLessThanOrEqual(1);
    stop.abort();
    await working;
  });
});
