import { Cluster, Redis } from "ioredis";
import { createCluster } from "redis";
import { redisStore } from "resetkit/stores/redis";
import { storeSuite } from "resetkit/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { row, rule, start } from "../../src/testing/store/samples.js";
import { ownRedis } from "../servers/redis.js";
import { freePort } from "../servers/shared.js";

let nodes: Redis[];
let ioredis: Cluster;
let nodeRedis: ReturnType<typeof createCluster>;

beforeAll(async () => {
  const places = await Promise.all([1, 2, 3].map(startNode));
  nodes = places.map(({ port }) => new Redis(port));
  await join(nodes, places);
  ioredis = new Cluster(places.map(({ port }) => ({ host: "127.0.0.1", port })));
  nodeRedis = createCluster({ rootNodes: places.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })) });
  await nodeRedis.connect();
});
beforeEach(async () => {
  await Promise.all(nodes.map((node) => node.flushall()));
});
afterAll(() => {
  ioredis.disconnect();
  nodeRedis.destroy();
  for (const node of nodes) node.disconnect();
});

interface Place {
  readonly port: number;
  readonly bus: number;
}

async function startNode(): Promise<Place> {
  const bus = await freePort();
  return { bus, port: await ownRedis(["--cluster-enabled", "yes", "--cluster-port", String(bus)]) };
}

/** Gives each node a third of the 16,384 slots, and waits until all know it. */
async function join(nodes: readonly Redis[], [first]: readonly Place[]): Promise<void> {
  const bounds = [0, 5_461, 10_923, 16_384];
  for (const [i, node] of nodes.entries()) {
    await node.call("CLUSTER", "ADDSLOTSRANGE", bounds[i]!, bounds[i + 1]! - 1);
    await node.call("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
    await node.call("CLUSTER", "MEET", "127.0.0.1", first!.port, first!.bus);
  }
  const isReady = async (node: Redis) => {
    const info = String(await node.call("CLUSTER", "INFO"));
    return info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3");
  };
  while (!(await Promise.all(nodes.map(isReady))).every(Boolean)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const lacks = ["transaction"] as const;

storeSuite(
  { describe, it },
  "redisStore on a cluster, over ioredis",
  () => ({ store: redisStore(ioredis) }),
  { lacks },
);

storeSuite(
  { describe, it },
  "redisStore on a cluster, over node-redis",
  () => ({ store: redisStore(nodeRedis) }),
  { lacks },
);

describe("the Redis store on a cluster", () => {
  it("keeps tokens, counters and queue in three slots, and nothing elsewhere", async () => {
    const { tokens, counters, queue } = redisStore(ioredis);
    for (let number = 0; number < 50; number++) {
      await tokens.put(row(number, { userId: number }), rule());
      await counters.hit(`key ${number}`, { per: 1_000, now: start });
    }
    await queue!.add({ id: "0".repeat(32), sealed: new Uint8Array(9), addedAt: start, dueAt: start });
    const keys = (await Promise.all(nodes.map((node) => node.keys("*")))).flat();
    const slots = new Set(await Promise.all(keys.map((key) => nodes[0]!.cluster("KEYSLOT", key))));
    expect(keys.length).toBeGreaterThan(150);
    expect(slots.size).toBe(3);
  });

  it("asks each node that it uses for its eviction policy", async () => {
    const { check } = redisStore(ioredis);
    await expect(check!()).resolves.toBeUndefined();
    const slot = await nodes[0]!.cluster("KEYSLOT", "{resetkit:queue}:check");
    const owner = nodes[[5_461, 10_923, 16_384].findIndex((end) => slot < end)]!;
    await owner.config("SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru");
    await expect(check!()).rejects.toThrow("maxmemory-policy is allkeys-lru");
  });
});
