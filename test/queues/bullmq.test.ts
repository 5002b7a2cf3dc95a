import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bullmqQueue } from "resetkit/queues/bullmq";
import { queueSuite } from "resetkit/testing";
import { entry } from "../../src/testing/store/samples.js";
import { bullmq } from "../servers/engines.js";
import { redis } from "../servers/redis.js";

const closing: { close(): Promise<unknown> }[] = [];
let Queue: any;
let Worker: any;
let url: string;
beforeAll(async () => {
  ({ Queue, Worker } = await bullmq());
  url = await redis();
});
afterAll(async () => {
  for (const one of closing) await one.close();
});

/** A queue that nobody else has, and any number of workers on it. */
function open(workers = 1, settings: object = {}) {
  const name = crypto.randomUUID();
  const connection = { url };
  const queue = new Queue(name, { connection });
  const all = Array.from({ length: workers }, () => new Worker(name, null, { connection, ...settings }));
  closing.push(...all, queue);
  return { queue, workers: all };
}

queueSuite(
  { describe, it: it.concurrent },
  "bullmqQueue",
  () => {
    const { queue, workers } = open();
    return { queue: bullmqQueue(queue, workers[0]) };
  },
  { clock: "own", lacks: ["transaction", "keyIds"] },
);

const now = () => Date.now();
const added = (number: number, dueAt = now()) => entry(number, { addedAt: now(), dueAt });

describe("bullmqQueue", () => {
  it("gives each of 300 entries to one of three workers in as many connections", async () => {
    const { queue, workers } = open(3);
    const ports = workers.map((worker) => bullmqQueue(queue, worker));
    await Promise.all(Array.from({ length: 300 }, (_, i) => ports[0]!.add(added(i))));
    const shares = await Promise.all(
      ports.map(async (port) => {
        const mine: string[] = [];
        for (;;) {
          const leased = await port.lease(5, now(), now() + 60_000);
          if (leased.length === 0) return mine;
          mine.push(...leased.map(({ id }) => id));
        }
      }),
    );
    expect(shares.flat().length).toBe(300);
    expect(new Set(shares.flat()).size).toBe(300);
    for (const share of shares) expect(share.length).toBeGreaterThan(0);
  });

  it("hands out again what a worker had taken, and did not live to put back", async () => {
    const { queue, workers } = open(2, { lockDuration: 1_000, stalledInterval: 400 });
    const [dying, other] = workers;
    const port = bullmqQueue(queue, other);
    await port.add(added(1));
    expect(await dying.getNextJob("the token of a process that dies", { block: false })).toBeTruthy();
    expect(await port.lease(1, now(), now() + 60_000)).toEqual([]);
    await expect(port.done(entry(1).id)).rejects.toThrow("Another worker is taking this job right now");
    await expect
      .poll(async () => (await port.lease(1, now(), now() + 60_000)).length, {
        timeout: 15_000,
        interval: 100,
      })
      .toBe(1);
    await port.done(entry(1).id);
    expect(await queue.getJobCountByTypes("wait", "delayed", "active", "completed", "failed")).toBe(0);
  });

  it("leaves alone what another took over when a late worker asks for a longer lease", async () => {
    const { queue, workers } = open(2);
    const [late, other] = workers.map((worker) => bullmqQueue(queue, worker));
    await late!.add(added(1, now() - 1));
    await late!.add(added(2, now()));
    expect((await late!.lease(2, now(), now() + 50)).length).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    // Both are due again; one is handed out, the other waits.
    expect((await other!.lease(1, now(), now() + 60_000)).length).toBe(1);
    await late!.retry(entry(2).id, now() + 60_000);
    await late!.retry("0".repeat(32), now());
    expect((await other!.lease(1, now(), now() + 60_000)).map(({ id }) => id)).toEqual([entry(2).id]);
  });

  it("keeps nothing of what is done, and nothing readable of what is not", async () => {
    const { queue, workers } = open();
    const port = bullmqQueue(queue, workers[0]);
    await port.add(added(1));
    await port.add(added(2));
    await port.done(entry(1).id);
    const jobs = await queue.getJobs();
    expect(jobs.map((job: any) => [job.id, Object.keys(job.data).sort()])).toEqual([
      [entry(2).id, ["addedAt", "dueAt", "sealed"]],
    ]);
  });

  it("keeps what has no deadline, whatever BullMQ is told to remove, and finds old requests behind it", async () => {
    const { queue } = open(0, {});
    queue.jobsOpts = { removeOnComplete: true, removeOnFail: true };
    const port = bullmqQueue(queue);
    const old = now() - 86_400_000;
    for (let number = 0; number < 1_100; number++) {
      await port.add(entry(number, { addedAt: old, dueAt: old, kind: "finish" }));
    }
    await port.add(entry(2_000, { addedAt: old, dueAt: old, kind: "request" }));
    expect(await port.removeExpired(now(), 9)).toBe(1);
    expect(await port.removeExpired(now(), 9)).toBe(0);
    // The oldest and the foreign are looked for among the first thousand; what waits is counted in full.
    expect(await port.stats(now(), ["ours"])).toEqual({ waiting: 1_100, oldestAt: old, foreign: 0 });
  });

  it("goes on with jobs of version 0.1.0", async () => {
    const { queue, workers } = open();
    const port = bullmqQueue(queue, workers[0]);
    const at = now();
    const options = { jobId: entry(1).id, timestamp: at, delay: 0, priority: 0, lifo: false };
    await queue.add("intent", { sealed: "AAAA", addedAt: at, dueAt: at }, options);
    const shown = { id: entry(1).id, addedAt: at, dueAt: at, kind: undefined, keyId: undefined };
    expect(await port.list({ limit: 9 })).toEqual([{ ...shown, attempts: 0, failure: undefined }]);
    expect(await port.removeExpired(now() + 1, 9)).toBe(0);
    const [leased] = await port.lease(1, now(), now() + 60_000, ["ours"]);
    expect(leased).toEqual({ ...shown, sealed: new Uint8Array(3) });
    await port.retry(entry(1).id, now() + 60_000, "a reason");
    expect(await port.list({ limit: 9 })).toMatchObject([{ attempts: 1, failure: "a reason" }]);
    await port.done(entry(1).id);
    expect(await port.list({ limit: 9 })).toEqual([]);
  });

  it("without a worker takes entries and says what is missing when one is to be leased", async () => {
    const { queue } = open(0);
    const port = bullmqQueue(queue);
    await port.add(added(1));
    await expect(port.lease(1, now(), now() + 1)).rejects.toThrow(
      "bullmqQueue has no worker to take jobs with. Pass new Worker(name, null, { connection }) as its second argument.",
    );
    await port.done(entry(1).id);
    expect(await queue.count()).toBe(0);
  });

  it("refuses a transaction, and what is no queue or no worker, in a sentence that ends with the fix", async () => {
    const { queue } = open(0);
    const port = bullmqQueue(queue);
    const refusal =
      "bullmqQueue can't join a database transaction. Leave users.lock out, or keep the queue in sqlStore(…) or pgBossQueue(…).";
    await expect(port.add(added(1), { transaction: {} })).rejects.toThrow(new TypeError(refusal));
    await expect(port.done(entry(1).id, { transaction: {} })).rejects.toThrow(new TypeError(refusal));
    expect(() => bullmqQueue(undefined as never)).toThrow(
      new TypeError("bullmqQueue's queue is missing: pass new Queue(name, { connection }) of bullmq."),
    );
    expect(() => bullmqQueue(queue, {} as never)).toThrow(
      new TypeError(
        "bullmqQueue's worker is missing: pass new Worker(name, null, { connection }) of bullmq, or leave it out.",
      ),
    );
  });
});
