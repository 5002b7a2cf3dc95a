import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { passwordReset } from "resetkit";
import { pg } from "resetkit/connections/pg";
import { createHandler } from "resetkit/http";
import { redisStore } from "resetkit/stores/redis";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { ResetMessage, Store, Users } from "resetkit/types";
import { accountsOn } from "../../bench/races/accounts.js";
import { type Answer, byFetch, json } from "../http/drive.js";
import { goodPassword, keptLog, people, secret } from "../kit.js";
import { stoppablePostgres } from "../servers/postgres.js";
import { stoppableRedis } from "../servers/redis.js";
import type { OwnServer } from "../servers/shared.js";

// Sample: one outage of each server, with 30 requests under way when it begins.
const crowd = 30;
const email = (id: number) => `${id}@example.com`;

interface Application {
  readonly server: OwnServer;
  readonly store: Store;
  readonly users: Users<any>;
  close(): Promise<unknown>;
}

/** Accounts and store in one database, changed in one transaction. Nobody listens to the pool's errors. */
async function onPostgres(): Promise<Application> {
  const server = await stoppablePostgres();
  const pool = new Pool({ connectionString: server.url });
  const connection = pg(pool);
  await migrate(connection);
  const accounts = accountsOn(connection);
  await accounts.create(crowd);
  return { server, store: sqlStore(connection), users: accounts.locking, close: () => pool.end() };
}

async function onRedis(): Promise<Application> {
  const server = await stoppableRedis();
  // By default ioredis keeps what it cannot send, and the visitor waits for as long as it does.
  const client = new Redis(server.url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  client.on("error", () => undefined);
  await new Promise((resolve) => client.once("ready", resolve));
  const { users } = people(...Array.from({ length: crowd }, (_, index) => email(index + 1)));
  return { server, store: redisStore(client), users, close: async () => client.disconnect() };
}

describe.each([
  ["PostgreSQL", onPostgres],
  ["Redis", onRedis],
])("when %s goes away and comes back", (_, start) => {
  let application: Application;
  let send: (path: string, body: object) => Promise<Answer>;
  const worker = new AbortController();
  const log = keptLog();
  const mails: ResetMessage<any>[] = [];
  let mailServerIsUp = true;
  let promised: number[] = [];
  let answersMidway: Answer[] = [];
  let token: string;

  beforeAll(async () => {
    application = await start();
    const reset = passwordReset({
      users: application.users,
      store: application.store,
      secret,
      url: "https://app.example.com/reset-password/{token}",
      deliver(message) {
        if (!mailServerIsUp) throw new Error("The mail server is down.");
        if (message.kind === "reset") mails.push(message);
      },
      throttles: false,
      worker: { mode: "outside", tick: "50ms", lease: "2s" },
      log,
    });
    const drive = byFetch(createHandler(reset, { basePath: "/reset", log }));
    send = (path, body) => drive({ path: `/reset/${path}`, ...json(body) });
    void reset.work({ signal: worker.signal });

    await send("", { email: email(1) });
    token = (await mailTo(1)).token;
    // What is asked for from here on cannot have been sent when the server goes.
    mailServerIsUp = false;
    const asking = Array.from({ length: crowd - 1 }, async (_, index) => {
      await pause(index);
      return { id: index + 2, answer: await send("", { email: email(index + 2) }) };
    });
    await pause(crowd / 2);
    await application.server.stop();
    const asked = await Promise.all(asking);
    answersMidway = asked.map(({ answer }) => answer);
    promised = asked.filter(({ answer }) => answer.status === 200).map(({ id }) => id);
    mailServerIsUp = true;
  });

  afterAll(async () => {
    worker.abort();
    await application?.close();
  });

  async function mailTo(id: number): Promise<ResetMessage<any>> {
    for (const end = Date.now() + 20_000; Date.now() < end; await pause(20)) {
      const mail = mails.find(({ address }) => address === email(id));
      if (mail) return mail;
    }
    throw new Error(`No mail came for account ${id}. The log says: ${log.lines.join("\n")}`);
  }

  it("answers what was under way with 200 or 503, and nothing else", () => {
    expect(answersMidway).toHaveLength(crowd - 1);
    expect(answersMidway.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    expect(promised.length).toBeGreaterThan(0);
  });

  it("tells everyone the same 503 meanwhile: known and unknown, good token and bad", async () => {
    const password = goodPassword;
    const answers = await Promise.all([
      send("", { email: email(1) }),
      send("", { email: "nobody@example.com" }),
      send("validate_token/", { token }),
      send("validate_token/", { token: "x".repeat(token.length) }),
      send("confirm/", { token, password }),
      send("confirm/", { token: "x".repeat(token.length), password }),
    ]);
    const [first] = answers;
    expect(first).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    for (const { status, headers, body } of answers) {
      expect({ status, headers, body }).toEqual(first);
    }
  });

  it("recovers by itself, sends every mail that was promised, and knows its tokens again", async () => {
    await application.server.start();
    for (const id of promised) await mailTo(id);
    const answers = await answersOnceUp({ token, password: goodPassword });
    expect(answers.at(-1)).toBe(200);
    expect(answers.slice(0, -1).filter((status) => status !== 503)).toEqual([]);
    const again = await send("confirm/", { token, password: goodPassword });
    expect(again.status).toBe(404);
  });

  /** Clients reconnect in their own time. */
  async function answersOnceUp(body: object): Promise<number[]> {
    const statuses: number[] = [];
    while (statuses.at(-1) !== 200 && statuses.length < 100) {
      statuses.push((await send("confirm/", body)).status);
      if (statuses.at(-1) !== 200) await pause(100);
    }
    return statuses;
  }
});
