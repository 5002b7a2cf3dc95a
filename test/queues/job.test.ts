import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildChild } from "../faults/build.js";
import { engines } from "../servers/engines.js";
import { postgres } from "../servers/postgres.js";
import { redis } from "../servers/redis.js";
import type { Errand } from "./child.js";
import { openEngine, prepare, type Engine, type EngineOptions, type Place } from "./engine.js";

let child: string;
beforeAll(async () => {
  child = await buildChild("test/queues/child.ts");
});
afterAll(() => rm(child, { force: true }));

describe.each(["bullmq", "pg-boss"] as const)("a reset over %s", (engine) => {
  let place: Place;
  let closing: Engine[];
  beforeEach(async () => {
    closing = [];
    const name = crypto.randomUUID();
    place = { engine, database: await postgres(), redis: await redis(), name, modules: await engines() };
    await prepare(place);
  });
  afterEach(async () => {
    for (const one of closing) await one.close();
  });

  async function open(options?: EngineOptions): Promise<Engine> {
    const opened = await openEngine(place, options);
    closing.push(opened);
    return opened;
  }

  async function add({ accounts }: Engine, ...names: string[]): Promise<string[]> {
    for (const id of names) await accounts.add({ id, email: `${id}@example.com`, hash: "salt$old" });
    return names.map((id) => `${id}@example.com`);
  }

  const mailsOf = async ({ accounts }: Engine, address: string, kind: string) =>
    (await accounts.mailsTo(address)).filter((mail) => mail.kind === kind);
  const nothingLeft = async ({ queue }: Engine) =>
    expect(await queue.lease(9, Date.now(), Date.now() + 1_000)).toEqual([]);

  it("goes from the request to the notice, and leaves nothing in the queue", async () => {
    const one = await open();
    const [ada = ""] = await add(one, "ada");
    void one.reset.work();
    await one.reset.request({ identifier: ada });
    await expect.poll(async () => (await mailsOf(one, ada, "reset")).length, { timeout: 10_000 }).toBe(1);
    const [{ token } = { token: "" }] = await mailsOf(one, ada, "reset");
    const password = "a Very-g00d passphrase";
    const ends = await Promise.allSettled(
      Array.from({ length: 5 }, () => one.reset.confirm({ token, password })),
    );
    expect(ends.filter(({ status }) => status === "fulfilled").length).toBe(1);
    await expect.poll(async () => (await mailsOf(one, ada, "changed")).length, { timeout: 10_000 }).toBe(1);
    expect(await one.accounts.look("ada")).toEqual({ password, sessions: 0, changes: 1 });
    await nothingLeft(one);
  });

  it("sends each of 60 mails once with three workers at work", async () => {
    // A lease that ends while a mail is under way hands it out again: a long one, since the machine may be busy.
    const options: EngineOptions = { lease: "20s", deliver: (keep) => keep().then(() => pause(200)) };
    const workers = [await open(options), await open(options), await open(options)];
    const addresses = await add(workers[0]!, ...Array.from({ length: 60 }, (_, i) => `ada${i}`));
    for (const identifier of addresses) await workers[0]!.reset.request({ identifier });
    await Promise.all(workers.map(({ reset }) => reset.drain()));
    const mails = await Promise.all(addresses.map((to) => mailsOf(workers[0]!, to, "reset")));
    expect(mails.map(({ length }) => length)).toEqual(Array(60).fill(1));
  });

  it("sends several of one request where leases do not hold (control)", async () => {
    const handedOut = new Set<string>();
    let again = () => {};
    // No mail leaves, and so no entry is done, until one of them was handed out a second time.
    const secondLease = new Promise<void>((resolve) => (again = resolve));
    const options: EngineOptions = {
      lease: "20s",
      deliver: (keep) => secondLease.then(keep),
      around: (queue) => ({
        ...queue,
        async lease(limit, now) {
          const leased = await queue.lease(limit, now, now);
          if (leased.some(({ id }) => handedOut.has(id))) again();
          for (const { id } of leased) handedOut.add(id);
          return leased;
        },
        retry: async () => {},
      }),
    };
    const workers = [await open(options), await open(options), await open(options)];
    const [eve = ""] = await add(workers[0]!, "eve");
    await workers[0]!.reset.request({ identifier: eve });
    for (const { reset } of workers) void reset.work();
    const mails = async () => (await mailsOf(workers[0]!, eve, "reset")).length;
    await expect.poll(mails, { timeout: 30_000 }).toBeGreaterThan(1);
  });

  it.each([
    ["before it had sent the mail", false, 1],
    ["after it had sent the mail, and before it could say so", true, 2],
  ])("outlives a worker that is killed %s", async (_, sent, mails) => {
    const heir = await open();
    const [ada = ""] = await add(heir, "ada");
    await heir.reset.request({ identifier: ada });
    await killed({ place, sent });
    expect((await mailsOf(heir, ada, "reset")).length).toBe(mails - 1);
    void heir.reset.work();
    await expect
      .poll(async () => (await mailsOf(heir, ada, "reset")).length, { timeout: 15_000 })
      .toBe(mails);
    await pause(2_500);
    const links = await mailsOf(heir, ada, "reset");
    expect(links.length).toBe(mails);
    for (const { token } of links) expect(await heir.reset.validate({ token })).toBe(true);
    await nothingLeft(heir);
  });

  it("names nobody in what waits", async () => {
    const one = await open();
    await one.reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.77" });
    const kept = await atRest(place);
    expect(kept).toContain("sealed");
    for (const text of ["ada@example.com", "192.0.2.77"]) {
      for (const encoding of ["utf8", "base64", "base64url", "hex"] as const) {
        expect(kept).not.toContain(Buffer.from(text).toString(encoding));
      }
    }
  });

  it("hands back what is under way when it is told to stop", async () => {
    const one = await open({ deliver: (keep) => pause(500).then(keep) });
    const [ada = ""] = await add(one, "ada");
    await one.reset.request({ identifier: ada });
    const stop = new AbortController();
    const working = one.reset.work({ signal: stop.signal });
    await pause(300);
    stop.abort();
    await working;
    expect((await mailsOf(one, ada, "reset")).length).toBe(1);
    await nothingLeft(one);
  });
});

describe("users.lock", () => {
  it("is refused where the queue is BullMQ, which shares no transaction with the tokens", async () => {
    const place = {
      engine: "bullmq",
      database: await postgres(),
      redis: await redis(),
      name: "locked",
    } as const;
    await expect(openEngine({ ...place, modules: await engines() }, { withLock: true })).rejects.toThrow(
      "users.lock is given, but the store's tokens and queue share no transaction",
    );
  });

  it("changes password, token and the notice in pg-boss together, or none of them", async () => {
    const database = await postgres();
    const place: Place = { engine: "pg-boss", database, redis: "", name: "locked", modules: await engines() };
    await prepare(place);
    const one = await openEngine(place, { withLock: true });
    await one.accounts.add({ id: "ada", email: "ada@example.com", hash: "salt$old" });
    await one.reset.request({ identifier: "ada@example.com" });
    await one.reset.drain();
    const [{ token } = { token: "" }] = await one.accounts.mailsTo("ada@example.com");
    const confirm = () => one.reset.confirm({ token, password: "a Very-g00d passphrase" });

    // The last step of the transaction fails: the notice has no queue to go to.
    const pool = new Pool({ connectionString: database, max: 1 });
    await expect(withTrigger(pool, () => confirm())).rejects.toMatchObject({ code: "unavailable" });
    expect(await one.accounts.look("ada")).toMatchObject({ password: "old", changes: 0 });
    expect(await one.reset.validate({ token })).toBe(true);

    await confirm();
    expect(await one.accounts.look("ada")).toMatchObject({ changes: 1, sessions: 0 });
    await one.reset.drain();
    const kinds = (await one.accounts.mailsTo("ada@example.com")).map(({ kind }) => kind);
    expect(kinds).toEqual(["reset", "changed"]);
    await pool.end();
    await one.close();
  });
});

/** All that the engine keeps of a queue, as text. */
async function atRest({ engine, database, redis: url, name }: Place): Promise<string> {
  if (engine === "pg-boss") {
    const pool = new Pool({ connectionString: database, max: 1 });
    const { rows } = await pool.query("select j::text as line from pgboss.job j where name = $1", [name]);
    await pool.end();
    return rows.map(({ line }) => line).join("\n");
  }
  const client = new Redis(url);
  const keys = await client.keys(`bull:${name}:*`);
  const values = await Promise.all(
    keys.map(async (key) => {
      const type = await client.type(key);
      return type === "hash" ? JSON.stringify(await client.hgetall(key)) : ((await client.dump(key)) ?? "");
    }),
  );
  client.disconnect();
  return [...keys, ...values].join("\n");
}

/** While the work runs, pg-boss's table takes no new job. */
async function withTrigger<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  await pool.query(
    "create function refuse() returns trigger language plpgsql as $$ begin raise 'the disk is full'; end $$",
  );
  await pool.query(
    "create trigger refuse before insert on pgboss.job for each row execute function refuse()",
  );
  try {
    return await work();
  } finally {
    await pool.query("drop trigger refuse on pgboss.job");
  }
}

/** Starts a worker and kills it in the middle of a mail. */
async function killed(errand: Errand): Promise<void> {
  const running = spawn(process.execPath, [child, JSON.stringify(errand)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => running.once("close", resolve));
  await Promise.race([
    new Promise((resolve) => running.stdout.once("data", resolve)),
    ended.then((code) => Promise.reject(new Error(`The worker ended by itself, with ${code}.`))),
  ]);
  running.kill("SIGKILL");
  await ended;
}
