/**
 * Password reset on AWS Lambda, behind API Gateway (HTTP API) or a function URL, with accounts in PostgreSQL.
 *
 * `http` answers the three endpoints. A Lambda freezes at its response, so emails are sent by a second function,
 * `scheduled`, which an EventBridge rule invokes every minute.
 *
 * @module
 */
import { hash } from "@node-rs/argon2";
import nodemailer from "nodemailer";
import { Pool } from "pg";
import { passwordReset } from "resetkit";
import { pg } from "resetkit/connections/pg";
import { byEmail } from "resetkit/delivery/email";
import { createHandler } from "resetkit/http";
import { sqlStore } from "resetkit/stores/sql";
import { sqlUsers } from "resetkit/users/sql";

// Made once for each instance of the function: two connections are enough for one request at a time.
export const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
const connection = pg(pool);

export const reset = passwordReset({
  users: sqlUsers(connection, {
    table: "users",
    identifier: "email",
    passwordHash: "password_hash",
    hashPassword: (password) => hash(password),
    sessions: { table: "sessions", userId: "user_id" },
  }),
  secret: process.env.RESET_SECRET!,
  store: sqlStore(connection),
  url: `${process.env.PUBLIC_URL}/reset/{token}`,
  deliver: byEmail({
    transport: nodemailer.createTransport(process.env.SMTP_URL),
    from: "Example <no-reply@example.com>",
  }),
  throttles: "fair",
  worker: "outside",
});

const api = createHandler(reset, { basePath: "/api/password_reset", trustProxy: 0 });

/** What API Gateway sends (payload format 2.0), as far as it's read. */
export interface HttpEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: { readonly http: { readonly method: string; readonly sourceIp: string } };
}

export async function http(event: HttpEvent) {
  const { method, sourceIp } = event.requestContext.http;
  const request = new Request(`https://lambda.invalid${event.rawPath}?${event.rawQueryString}`, {
    method,
    headers: event.headers,
    ...(event.body !== undefined && {
      body: Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8"),
    }),
  });
  const response = await api(request, { ip: sourceIp });
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    cookies: response.headers.getSetCookie(),
    body: await response.text(),
  };
}

/** Sends what is queued, retries what failed, and removes what has expired. */
export async function scheduled(): Promise<void> {
  await reset.drain({ signal: AbortSignal.timeout(20_000) });
  await reset.clearExpired({ signal: AbortSignal.timeout(5_000) });
}
