import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudflareQueue } from "../../src/queues/cloudflare.js";
import { memoryStore } from "../../src/stores/memory.js";
import { simulator as start, type Simulator } from "../servers/miniflare.js";

let simulator: Simulator;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("cloudflare-worker.ts", import.meta.url))],
    ...{ bundle: true, write: false, format: "esm", target: "es2022", conditions: ["workerd"] },
    external: ["cloudflare:*"],
    alias: { "#crypto": fileURLToPath(new URL("../../src/crypto/web.ts", import.meta.url)) },
    tsconfigRaw: {},
    logLevel: "error",
  });
  simulator = await start({
    script: outputFiles[0]!.text,
    d1Databases: ["DB"],
    queueProducers: { RESETS: { queueName: "resets" } },
    queueConsumers: { resets: { maxBatchSize: 10, maxBatchTimeout: 0.02, maxRetries: 2 } },
  });
});

afterAll(() => simulator?.dispose());

const post = async (path: string, body: object) =>
  simulator.dispatchFetch(`http://worker${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

const sql = async (text: string): Promise<any[]> =>
  (await simulator.dispatchFetch("http://worker/sql", { method: "POST", body: text })).json() as Promise<
    any[]
  >;

/** The lines of the log, once there are so many. */
async function lines(count: number): Promise<string[]> {
  let found: string[] = [];
  for (let tries = 0; tries < 400 && found.length < count; tries++) {
    found = (await sql("select line from log order by rowid")).map(({ line }) => line);
    if (found.length < count) await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return found;
}

describe("cloudflareQueue() on Cloudflare's simulator", () => {
  it("sends the email in the queue handler, again after a failure, and the rest of a reset", async () => {
    await sql("insert into down values (1)");
    expect((await post("/api/", { email: "ada@example.com" })).status).toBe(200);
    expect(await lines(1)).toEqual(["failed"]);
    await sql("delete from down");
    const [, mail] = await lines(2);
    const token = mail!.split(" ")[2]!;
    expect(mail).toMatch(/^reset ada@example\.com [\w-]{43}$/);
    expect((await post("/api/confirm/", { token, password: "Correct-horse-9" })).status).toBe(200);
    expect((await lines(4)).slice(2)).toEqual(["sessions of 1 ended", "changed ada@example.com"]);
    // The note that would finish a change that died was dropped: its message is still there, and must do nothing.
    const removed = await sql(
      "select count(*) as count from resetkit_counters where cast(id as text) like 'queue.done.%'",
    );
    expect(removed).toEqual([{ count: 1 }]);
    expect((await post("/api/confirm/", { token, password: "Correct-horse-10" })).status).toBe(404);
  });

  it("finds the platform's waitUntil by itself", async () => {
    const before = (await lines(1)).length;
    expect((await post("/awake/", { email: "ada@example.com" })).status).toBe(200);
    expect((await lines(before + 1)).at(-1)).toMatch(/^reset ada@example\.com/);
  });
});

describe("cloudflareQueue()", () => {
  const entry = { id: "0".repeat(32), sealed: new Uint8Array([1, 2]), addedAt: 1, dueAt: 1 };
  const messageOf = (body: unknown) => {
    const calls: string[] = [];
    return { body, calls, ack: () => void calls.push("ack"), retry: () => void calls.push("retry") };
  };

  it("refuses what isn't a binding or a store, with the fix", () => {
    expect(() => cloudflareQueue({} as never, memoryStore())).toThrow("pass the binding of a queue");
    expect(() => cloudflareQueue({ send: async () => undefined }, {} as never)).toThrow("pass a store");
  });

  it("skips what was removed, queues again what isn't done, and leaves other messages alone", async () => {
    const sent: any[] = [];
    const queue = cloudflareQueue(
      { send: async (body, options) => sent.push({ body, options }) },
      memoryStore(),
    );
    await queue.add(entry);
    const [{ body, options }] = sent;
    expect(options).toEqual({ contentType: "json", delaySeconds: 0 });
    const first = messageOf(body);
    const foreign = messageOf({ hello: "world" });
    await queue.consume(
      { messages: [first, foreign] },
      {
        async drain() {
          expect(await queue.lease(9, 0, Date.now() + 30_000)).toEqual(
            [entry].map((one) => ({ ...one, dueAt: expect.any(Number) })),
          );
          expect(await queue.lease(9, 0, 0)).toEqual([]);
          await queue.retry(entry.id, Date.now() + 5_000, "421");
        },
      },
    );
    expect([first.calls, foreign.calls]).toEqual([["ack"], ["retry"]]);
    expect(sent[1]).toMatchObject({ body: { attempts: 1, failure: "421" }, options: { delaySeconds: 5 } });
    await queue.done(entry.id);
    const again = messageOf(sent[1].body);
    await queue.consume(
      { messages: [again] },
      { drain: async () => expect(await queue.lease(9, 0, 0)).toEqual([]) },
    );
    expect(again.calls).toEqual(["ack"]);
    expect(sent).toHaveLength(2);
  });

  it("acknowledges nothing if the work itself fails, so the batch comes again", async () => {
    const queue = cloudflareQueue({ send: async () => undefined }, memoryStore());
    const message = messageOf({ id: entry.id, sealed: "AQI", addedAt: 1, dueAt: 1, attempts: 0 });
    const drain = () => Promise.reject(new Error("down"));
    await expect(queue.consume({ messages: [message] }, { drain })).rejects.toThrow("down");
    expect(message.calls).toEqual([]);
    expect(await queue.list({ limit: 9 })).toEqual([]);
  });
});
