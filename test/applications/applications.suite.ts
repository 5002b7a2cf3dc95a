/** Whole applications, built by their frameworks and driven in a browser: `npm run test:applications`. */
import { hash } from "@node-rs/argon2";
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Pool } from "pg";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { goodPassword, secret } from "../kit.js";
import { answering } from "../project.js";
import { rowsOf } from "../schemas/evidence.js";
import { startChromium } from "../servers/chromium.js";
import { run } from "../servers/debian.js";
import { postgres } from "../servers/postgres.js";
import { project } from "../servers/project.js";
import { programOf } from "../servers/runtimes.js";
import { freePort } from "../servers/shared.js";
import { startSmtp } from "../servers/smtp.js";
import { applications, type Application } from "./applications.js";
import { oldPassword, resetByHand, type Site } from "./job.js";
import { requestFrom, startProxy } from "./proxy.js";
import { startWorker } from "./workers.js";

const evidence = rowsOf("applications");
const wanted = process.env["APPLICATIONS"]?.split(",");
/** In milliseconds: how long a program may take to answer. */
const patience = 120_000;
let browser: Browser;
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  browser = await startChromium();
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(async () => {
  await browser.close();
  evidence.write();
});

describe.each(applications.filter(({ folder }) => wanted?.includes(folder) ?? true))(
  "$name",
  (application) => {
    it("is built, resets a password by mail, and knows whose request it is", async () => {
      const { name, folder, hasOwnFrontEnd, database, build, pages } = application;
      const cwd = await project(`application-${folder}`, `examples/${folder}`);
      const [port, publicPort, webPort] = [await freePort(), await freePort(), await freePort()];
      const api = `http://127.0.0.1:${publicPort}`;
      const url = hasOwnFrontEnd ? `http://127.0.0.1:${webPort}` : api;
      const env = { ...(await environmentOf(application)), ...addresses(api, url), PORT: `${port}` };
      await run("npm", ["run", "build"], { cwd, env, maxBuffer: 2 ** 26 }).catch(({ stdout, stderr }) => {
        throw new Error(`${folder} was not built: ${(stdout + stderr).slice(-3_000)}`);
      });

      const proxy = await startProxy(publicPort, port);
      endings.push(() => proxy.close());
      const { mails, output } = await startApplication(application, { cwd, env, port, url });
      if (hasOwnFrontEnd) {
        const server = start(["start:web", "--", "--port", `${webPort}`], cwd, env);
        await answering(server, url, patience);
      }

      await resetByHand(browser, { url, mails }, folder);
      await limitsEachClient(api);
      for (const word of ["ada@", goodPassword.toLowerCase()])
        expect(output().toLowerCase()).not.toContain(word);
      evidence.row(name, `[${folder}](../../examples/${folder})`, database, build, pages);
    });
  },
);

interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly url: string;
}

/** Starts it with its database, its mail server, and two accounts. */
async function startApplication(
  application: Application,
  { cwd, env, port, url }: Place,
): Promise<Pick<Site, "mails"> & { output(): string }> {
  if (application.isWorker) {
    const { mails, stop } = await startWorker(cwd, port, url);
    endings.push(stop);
    return { mails, output: () => "" };
  }
  const smtp = await startSmtp();
  endings.push(() => smtp.close());
  const whole = { ...env, DATABASE_URL: await postgres(), SMTP_URL: smtp.url };
  await createAccounts(application, cwd, whole);
  const { output } = await answering(start(["start"], cwd, whole), `http://127.0.0.1:${port}`, patience);
  const mails = () =>
    smtp.mails.map(({ to, parsed }) => ({ to: to.join(), subject: parsed.subject!, text: parsed.text! }));
  return { mails, output };
}

/** By the names that the examples have for them. */
const addresses = (api: string, url: string) => ({
  PUBLIC_URL: api,
  ORIGIN: api,
  WEB_URL: url,
  VITE_API_URL: api,
  RESET_SECRET: secret,
  HOST: "127.0.0.1",
});

/** `throttles: "fair"`: five an hour by IP address and identifier. What a client claims to be doesn't help it. */
async function limitsEachClient(api: string): Promise<void> {
  for (let count = 1; count <= 5; count++) expect(await requestFrom(7, api)).toBe(200);
  expect(await requestFrom(7, api)).toBe(429);
  expect(await requestFrom(7, api, "198.51.100.9")).toBe(429);
  expect(await requestFrom(8, api)).toBe(200);
}

async function environmentOf({ node }: Application): Promise<Record<string, string>> {
  const { PATH = "", HOME = "" } = process.env;
  const path = node ? `${dirname(await programOf(node))}:${PATH}` : PATH;
  const quiet = {
    NEXT_TELEMETRY_DISABLED: "1",
    ASTRO_TELEMETRY_DISABLED: "1",
    NUXT_TELEMETRY_DISABLED: "1",
    WRANGLER_SEND_METRICS: "false",
  };
  // `prisma generate` wants an engine for the schema, which only `migrate` would use: any program will do.
  const prisma = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
  return { PATH: path, HOME, NODE_ENV: "production", ...quiet, ...prisma };
}

/** Runs an npm script until the test is over, with all that it starts. */
function start(script: readonly string[], cwd: string, env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn("npm", ["run", ...script], { cwd, env, detached: true });
  endings.push(() => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode !== null) return;
    process.kill(-child.pid!, "SIGTERM");
    return ended;
  });
  return child;
}

async function createAccounts(
  { tables = "schema.sql" }: Application,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const pool = new Pool({ connectionString: env["DATABASE_URL"] });
  try {
    if (typeof tables === "string") await pool.query(await readFile(join(cwd, tables), "utf8"));
    else await run("npm", ["run", ...tables], { cwd, env });
    for (const email of ["ada@example.com", "grace@example.com"]) {
      const values = [email, await hash(oldPassword)];
      await pool.query("insert into users (email, password_hash) values ($1, $2)", values);
    }
  } finally {
    await pool.end();
  }
}
