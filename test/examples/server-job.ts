import { verify } from "@node-rs/argon2";
import { type ChildProcess, spawn } from "node:child_process";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, type Answer, type Sent } from "../http/drive.js";
import { goodPassword, secret } from "../kit.js";
import { postgres } from "../servers/postgres.js";
import { freePort } from "../servers/shared.js";
import { startSmtp, type ReceivedMail, type SmtpFake } from "../servers/smtp.js";
import { send } from "../../src/testing/handler-wire.js";

/** How an example is made and started; it reads PORT, DATABASE_URL, SMTP_URL, RESET_SECRET and PUBLIC_URL. */
export interface ServerExample {
  /** Builds it; gives the folder where it is started. */
  prepare(): Promise<string>;
  readonly command: (port: number) => readonly string[];
}

/** What the application has before resetkit comes. */
const tables = `
  create table users (
    id serial primary key, email text not null unique, password_hash text not null,
    active boolean not null default true
  );
  create table sessions (cookie_hash text primary key, user_id integer not null);
  insert into users (email, password_hash) values ('ada@example.com', 'old'), ('grace@example.com', 'old');
  insert into sessions values ('a1', 1), ('a2', 1), ('g1', 2);`;

/** Starts an example as its users do, and drives it through the whole job: PostgreSQL, SMTP, HTTP. */
export function serverJob(
  name: string,
  example: ServerExample,
  more: (site: {
    get(path: string): Promise<string>;
    drive(sent: Sent): Promise<Answer>;
    mails(): readonly ReceivedMail[];
  }) => void,
): void {
  describe(`the example for ${name}`, () => {
    let db: Pool;
    let smtp: SmtpFake;
    let server: ChildProcess;
    let port: number;
    let output = "";

    beforeAll(async () => {
      const folder = await example.prepare();
      const url = await postgres();
      db = new Pool({ connectionString: url });
      await db.query(tables);
      smtp = await startSmtp();
      port = await freePort();
      const [command, ...args] = example.command(port);
      server = spawn(command!, args, {
        cwd: folder,
        env: {
          ...process.env,
          NODE_ENV: "production",
          PORT: String(port),
          DATABASE_URL: url,
          SMTP_URL: smtp.url,
          RESET_SECRET: secret,
          PUBLIC_URL: "https://app.example.com",
        },
      });
      for (const stream of [server.stdout!, server.stderr!]) {
        stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
      }
      await answering();
    }, 400_000);

    afterAll(async () => {
      const ended = new Promise((resolve) => server?.once("exit", resolve));
      if (server?.kill()) await ended;
      await smtp?.close();
      await db?.end();
    });

    async function answering(): Promise<void> {
      for (let tries = 0; tries < 600; tries++) {
        if (server.exitCode !== null) break;
        if (await drive({ method: "GET", path: "/api/password_reset" }).catch(() => undefined)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`The example does not answer. It printed: ${output.slice(-2_000)}`);
    }

    const drive = (sent: Sent) => send(port, sent);
    const post = (path: string, body: object) => drive({ path: `/api/password_reset${path}`, ...json(body) });
    const status = async (path: string, body: object) => (await post(path, body)).status;
    const hashOf = async (id: number): Promise<string> =>
      (await db.query("select password_hash from users where id = $1", [id])).rows[0].password_hash;
    const sessions = async () =>
      (await db.query("select cookie_hash from sessions order by 1")).rows.map((row) => row.cookie_hash);

    it("asks, mails, validates and confirms, once, and ends that account's sessions", async () => {
      expect(await status("/", { email: "nobody@example.com" })).toBe(200);
      expect((await post("/", { email: "Ada@Example.com" })).body).toBe('{"status":"OK"}');
      await expect.poll(() => smtp.mails.length, { timeout: 10_000 }).toBe(1);
      expect(smtp.mails[0]!.to).toEqual(["ada@example.com"]);
      const link = /https:\/\/app\.example\.com\/reset-password\/([\w-]+)/;
      const token = link.exec(smtp.mails[0]!.parsed.text!)![1]!;

      expect(await status("/validate_token/", { token })).toBe(200);
      expect(await status("/confirm/", { token, password: "1234" })).toBe(400);
      expect(await sessions()).toEqual(["a1", "a2", "g1"]);
      const attempts = Array.from({ length: 8 }, () =>
        status("/confirm/", { token, password: goodPassword }),
      );
      expect((await Promise.all(attempts)).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 404)]);

      expect(await verify(await hashOf(1), goodPassword)).toBe(true);
      expect(await hashOf(2)).toBe("old");
      expect(await sessions()).toEqual(["g1"]);
      expect(await status("/validate_token", { token })).toBe(404);
      await expect.poll(() => smtp.mails.length, { timeout: 10_000 }).toBe(2);
    });

    it("prints no token, password or address", () => {
      for (const word of ["ada@", goodPassword])
        expect(output.toLowerCase()).not.toContain(word.toLowerCase());
    });

    more({
      drive,
      get: async (path) => (await drive({ method: "GET", path })).body,
      mails: () => smtp.mails,
    });
  });
}
