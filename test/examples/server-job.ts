import { verify } from "@node-rs/argon2";
import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer, Sent } from "../http/drive.js";
import { goodPassword, secret } from "../kit.js";
import { postgres } from "../servers/postgres.js";
import { freePort } from "../servers/shared.js";
import { startSmtp, type ReceivedMail, type SmtpFake } from "../servers/smtp.js";
import { send } from "../../src/testing/handler/wire.js";
import { answering, type App } from "../project.js";
import { doTheWholeJob } from "../whole-job.js";
import { createPeople, type People } from "./people.js";

/** How an example is made and started; it reads PORT, DATABASE_URL, SMTP_URL, RESET_SECRET and PUBLIC_URL. */
export interface ServerExample {
  /** Builds it; gives the folder where it is started. */
  prepare(): Promise<string>;
  readonly command: (port: number) => readonly string[];
}

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
    let people: People;
    let smtp: SmtpFake;
    let server: ChildProcess;
    let app: App;

    beforeAll(async () => {
      const folder = await example.prepare();
      const url = await postgres();
      people = await createPeople(url);
      smtp = await startSmtp();
      const port = await freePort();
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
      app = await answering(server, `http://127.0.0.1:${port}`, 60_000);
    }, 400_000);

    afterAll(async () => {
      const ended = new Promise((resolve) => server?.once("exit", resolve));
      if (server?.kill()) await ended;
      await smtp?.close();
      await people?.db.end();
    });

    it("asks, mails, validates and confirms, once, and ends that account's sessions", async () => {
      expect(await people.sessions()).toEqual(["a1", "a2", "g1"]);
      await doTheWholeJob(app, smtp);
      expect(await verify(await people.hashOf(1), goodPassword)).toBe(true);
      expect(await people.hashOf(2)).toBe("old");
      expect(await people.sessions()).toEqual(["g1"]);
      await expect.poll(() => smtp.mails.length, { timeout: 10_000 }).toBe(2);
    });

    it("prints no password or address, of the notice either", () => {
      for (const word of ["ada@", goodPassword])
        expect(app.output().toLowerCase()).not.toContain(word.toLowerCase());
    });

    const drive = (sent: Sent) => send(Number(new URL(app.url).port), sent);
    more({
      drive,
      get: async (path) => (await drive({ method: "GET", path })).body,
      mails: () => smtp.mails,
    });
  });
}
