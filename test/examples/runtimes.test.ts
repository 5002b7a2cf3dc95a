import { hash, verify } from "@node-rs/argon2";
import Database from "better-sqlite3";
import { randomBytes, scrypt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doTheJob, oldPassword, type SentMail } from "../runtimes/job.js";
import { secret } from "../kit.js";
import { installedBeside } from "../servers/installed.js";
import { startMailApi } from "../servers/mail-api.js";
import { programOf } from "../servers/runtimes.js";
import { answering, freePort, ownServer, runServer } from "../servers/shared.js";
import { startSmtp } from "../servers/smtp.js";
import { workerdConfig } from "../servers/workerd.js";

/** An example at work. `query` speaks SQL to the database of its accounts. */
interface Opened {
  readonly url: string;
  readonly mails: () => readonly SentMail[];
  readonly query: (text: string, ...values: string[]) => Promise<any[]>;
  readonly close: () => Promise<unknown>;
}

interface Example {
  readonly open: () => Promise<Opened>;
  readonly hash: (password: string) => Promise<string>;
  readonly verify: (stored: string, password: string) => Promise<boolean>;
}

const address = "ada@example.com";

const examples: Readonly<Record<string, Example>> = {
  bun: {
    open: () => openOverFile("bun", []),
    hash: (password) => hash(password),
    verify: (stored, password) => verify(stored, password),
  },
  deno: {
    open: () =>
      openOverFile("deno", ["run", "--quiet", "--no-prompt", "--cached-only", "--allow-env", "--allow-net"]),
    ...salted("base64url", (password, salt) =>
      promisify<string, Buffer, number, object, Buffer>(scrypt)(password, salt, 32, {
        N: 2 ** 17,
        maxmem: 2 ** 28,
      }),
    ),
  },
  workers: {
    open: openWorker,
    ...salted("base64", async (password, salt) => {
      const key = await crypto.subtle.importKey("raw", Buffer.from(password), "PBKDF2", false, [
        "deriveBits",
      ]);
      const how = { name: "PBKDF2", hash: "SHA-256", iterations: 100_000, salt };
      return Buffer.from(await crypto.subtle.deriveBits(how, key, 256));
    }),
  },
};

describe.each(Object.entries(examples))("the example for %s", (_name, example) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await example.open();
    await opened.query(
      "insert into users (email, password_hash) values (?, ?)",
      address,
      await example.hash(oldPassword),
    );
    await opened.query("insert into sessions values ('a1', 1), ('g1', 2)");
  }, 300_000);
  afterAll(() => opened?.close());

  it("does the whole job, and ends the account's sessions", async () => {
    const { url, mails, query } = opened;
    const opens = async (password: string) => {
      const [user] = await query("select password_hash from users where id = 1");
      return example.verify(user.password_hash, password);
    };
    await doTheJob({
      api: `${url}/api/password_reset`,
      address,
      mails,
      opens,
      headers: { "cf-connecting-ip": "192.0.2.1" },
    });
    expect(await query("select cookie_hash from sessions")).toEqual([{ cookie_hash: "g1" }]);
  });
});

/** An example of one file of SQLite, with nodemailer. */
async function openOverFile(name: "bun" | "deno", run: readonly string[]): Promise<Opened> {
  const program = await programOf(name);
  const example = await installedBeside(`example-${name}`, `examples/${name}`, ["nodemailer"]);
  const smtp = await startSmtp();
  let file = "";
  const server = await ownServer(`example-${name}`, async ({ folder, port }) => {
    file = join(folder, "app.db");
    const url = `http://127.0.0.1:${port}`;
    const settings = { APP_URL: url, DATABASE: file, PORT: port, RESET_SECRET: secret, SMTP_URL: smtp.url };
    const environment = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    const files = run.length > 0 ? [`--allow-read=${folder}`, `--allow-write=${folder}`] : [];
    await runServer(folder, ["env", ...environment, program, ...run, ...files, join(example, "server.ts")]);
    await answering(folder, () => fetch(url));
    return url;
  });
  const db = new Database(file);
  return {
    url: server.url,
    mails: () =>
      smtp.mails.map(({ to, parsed }) => ({ to: to[0]!, subject: parsed.subject!, text: parsed.text! })),
    async query(text, ...values) {
      const statement = db.prepare(text);
      return statement.reader ? statement.all(...values) : [statement.run(...values)];
    },
    async close() {
      db.close();
      await Promise.all([server.stop(), smtp.close()]);
    },
  };
}

async function openWorker(): Promise<Opened> {
  const program = await programOf("workerd");
  const example = await installedBeside("example-workers", "examples/workers", ["hono"]);
  const [mailApi, d1Port] = await Promise.all([startMailApi(), freePort()]);
  const server = await ownServer("example-workers", async ({ folder, port }) => {
    const url = `http://127.0.0.1:${port}`;
    const texts = {
      APP_URL: url,
      RESET_SECRET: secret,
      POSTMARK_URL: mailApi.endpoint,
      POSTMARK_TOKEN: "key",
    };
    const entry = join(example, "worker.ts");
    await runServer(folder, [program, "serve", await workerdConfig(folder, port, { entry, texts, d1Port })]);
    await answering(folder, () => fetch(url));
    return url;
  });
  const query: Opened["query"] = async (sql, ...params) => {
    const body = JSON.stringify({ sql, params });
    const response = await fetch(`http://127.0.0.1:${d1Port}/query`, { method: "POST", body });
    const [{ results }] = await response.json();
    return results.rows.map((row: unknown[]) =>
      Object.fromEntries(row.map((value, index) => [results.columns[index], value])),
    );
  };
  for (const text of (await readFile(join(example, "schema.sql"), "utf8")).split(";\n").filter(Boolean))
    await query(text);
  return {
    url: server.url,
    mails: () =>
      mailApi.mails.map(({ To, Subject, TextBody }) => ({ to: To, subject: Subject, text: TextBody })),
    query,
    close: () => Promise.all([server.stop(), mailApi.close()]),
  };
}

/** Hashes as the examples write them: `salt.hash`. */
function salted(
  encoding: "base64" | "base64url",
  derive: (password: string, salt: Buffer) => Promise<Buffer>,
): Pick<Example, "hash" | "verify"> {
  const write = async (password: string, salt: Buffer) =>
    `${salt.toString(encoding)}.${(await derive(password, salt)).toString(encoding)}`;
  return {
    hash: (password) => write(password, randomBytes(16)),
    verify: async (stored, password) =>
      (await write(password, Buffer.from(stored.split(".")[0]!, encoding))) === stored,
  };
}
