/** A Worker as an application writes it: requests come in by HTTP, and emails go out in its `queue` handler. */
import { passwordReset } from "../../src/index.js";
import { d1 } from "../../src/connections/d1.js";
import { createHandler } from "../../src/http/handler.js";
import { cloudflareQueue, type CloudflareBatch } from "../../src/queues/cloudflare.js";
import { memoryStore } from "../../src/stores/memory.js";
import { migrate, sqlStore } from "../../src/stores/sql.js";
import type { Message, PasswordReset, Users } from "../../src/types.js";

interface User {
  readonly id: number;
  readonly email: string;
  readonly hash: string;
}

interface Env {
  readonly DB: any;
  readonly RESETS: any;
}

const column = async (env: Env, sql: string, ...values: unknown[]) =>
  (
    await env.DB.prepare(sql)
      .bind(...values)
      .all()
  ).results as any[];

function usersOf(env: Env): Users<User> {
  return {
    findByIdentifier: (email) => column(env, "select * from users where email = ?", email),
    findById: async (id: number) => (await column(env, "select * from users where id = ?", id))[0],
    stateOf: (user) => [user.hash, user.email],
    hashPassword: (password) => `hash of ${password}`,
    async setPassword(user, hash, { expected }) {
      const change = env.DB.prepare("update users set hash = ? where id = ? and hash is ?");
      return (await change.bind(hash, user.id, expected[0]).run()).meta.changes === 1;
    },
    revokeSessions: async (user) => column(env, "insert into log values (?)", `sessions of ${user.id} ended`),
  };
}

/** Fails as long as the table `down` has a row. */
const deliverTo = (env: Env) => async (message: Message<User>) => {
  if ((await column(env, "select * from down")).length > 0) {
    await column(env, "insert into log values ('failed')");
    throw new Error("421 try later");
  }
  const token = message.kind === "reset" ? message.token : "";
  await column(env, "insert into log values (?)", `${message.kind} ${message.address} ${token}`.trim());
};

let made: {
  reset: PasswordReset<User>;
  queue: ReturnType<typeof cloudflareQueue>;
  awake: PasswordReset<User>;
};

async function engine(env: Env) {
  if (made) return made;
  const connection = d1(env.DB);
  await migrate(connection);
  await env.DB.exec("create table if not exists users (id integer primary key, email text, hash text)");
  await env.DB.exec("create table if not exists log (line text)");
  await env.DB.exec("create table if not exists down (x)");
  await env.DB.exec("insert or ignore into users values (1, 'ada@example.com', 'old')");
  const store = sqlStore(connection);
  const queue = cloudflareQueue(env.RESETS, store);
  const common = {
    users: usersOf(env),
    secret: "a secret of the tests: 0123456789 abcdefghijklmnopqrstuvwxyz",
    url: "https://app.example.com/reset/{token}",
    deliver: deliverTo(env),
    throttles: false,
  } as const;
  const reset = passwordReset<User>({ ...common, store: { ...store, queue }, worker: "outside" });
  // Nobody hands it a waitUntil: it finds the platform's own.
  const awake = passwordReset<User>({ ...common, store: memoryStore(), worker: "waitUntil" });
  return (made = { reset, queue, awake });
}

const worker = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { reset, awake } = await engine(env);
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/awake/")) return createHandler(awake, { basePath: "/awake" })(request);
    if (pathname === "/sql") return Response.json(await column(env, await request.text()));
    return createHandler(reset, { basePath: "/api" })(request);
  },
  async queue(batch: CloudflareBatch, env: Env): Promise<void> {
    const { reset, queue } = await engine(env);
    await queue.consume(batch, reset);
  },
};
export { worker as default };
