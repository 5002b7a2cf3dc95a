import { hash, verify } from "@node-rs/argon2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrate } from "../../src/stores/sql.js";
import { pg } from "../../src/connections/pg.js";
import type * as handler from "../../examples/lambda/handler.js";
import { goodPassword, secret } from "../kit.js";
import { postgres } from "../servers/postgres.js";
import { startSmtp, type SmtpFake } from "../servers/smtp.js";

type Example = typeof handler;

let smtp: SmtpFake;
let example: Example;

beforeAll(async () => {
  const [url, server] = await Promise.all([postgres(), startSmtp()]);
  smtp = server;
  const variables = {
    DATABASE_URL: url,
    SMTP_URL: smtp.url,
    RESET_SECRET: secret,
    PUBLIC_URL: "https://example.com",
  };
  Object.assign(process.env, variables);
  example = await import("../../examples/lambda/handler.js");
  for (const name of Object.keys(variables)) delete process.env[name];
  await migrate(pg(example.pool));
  await example.pool.query(
    "create table users (id serial primary key, email text not null, password_hash text)",
  );
  await example.pool.query("create table sessions (cookie_hash text primary key, user_id integer not null)");
  const hashed = await hash("the old password");
  await example.pool.query("insert into users (email, password_hash) values ('ada@example.com', $1)", [
    hashed,
  ]);
  await example.pool.query("insert into sessions values ('a cookie', 1)");
});

afterAll(async () => {
  await example?.reset.close();
  await example?.pool.end();
  await smtp?.close();
});

/** An event as API Gateway makes it. */
const call = (path: string, body: object, isBase64Encoded = false) => {
  const text = JSON.stringify(body);
  return example.http({
    rawPath: `/api/password_reset${path}`,
    rawQueryString: "",
    headers: { "content-type": "application/json", "content-length": String(text.length) },
    body: isBase64Encoded ? Buffer.from(text).toString("base64") : text,
    isBase64Encoded,
    requestContext: { http: { method: "POST", sourceIp: "192.0.2.7" } },
  });
};

it("resets a password: a request, the schedule that sends the email, and a confirm", async () => {
  expect(await call("/", { email: "ada@example.com" }, true)).toMatchObject({
    statusCode: 200,
    body: '{"status":"OK"}',
    headers: { "cache-control": "no-store" },
  });
  expect(smtp.mails).toHaveLength(0);
  await example.scheduled();
  const [, token] = /https:\/\/example\.com\/reset\/(\S+)/.exec(smtp.mails[0]!.parsed.text!)!;
  expect((await call("/confirm/", { token: "nonsense", password: goodPassword })).statusCode).toBe(404);
  expect((await call("/confirm/", { token, password: goodPassword })).statusCode).toBe(200);
  const { rows } = await example.pool.query("select password_hash from users");
  expect(await verify(rows[0].password_hash, goodPassword)).toBe(true);
  expect((await example.pool.query("select * from sessions")).rows).toEqual([]);
  await example.scheduled();
  expect(smtp.mails).toHaveLength(2);
});
