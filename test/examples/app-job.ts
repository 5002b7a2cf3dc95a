import { hash } from "@node-rs/argon2";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goodPassword, secret } from "../kit.js";
import { makeProject, type App, type Project } from "../project.js";
import { root } from "../package/packed.js";
import { startSmtp, type SmtpFake } from "../servers/smtp.js";
import { doTheWholeJob } from "../whole-job.js";

/** The database of an example that is one application, with its own accounts and log-in. */
export interface AppDatabase {
  /** What tells the application where it is. */
  readonly environment: Readonly<Record<string, string>>;
  query(sql: string): Promise<readonly any[]>;
  close(): Promise<unknown>;
}

const tsconfig = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    strict: true,
    skipLibCheck: true,
    types: ["node"],
  },
};

/** Compiles and starts `examples/FOLDER/app.ts`, and drives it: log-in, request, mail, validate, confirm, log-in. */
export function appJob(
  name: string,
  folder: string,
  packages: readonly string[],
  open: () => Promise<AppDatabase>,
): void {
  describe(`the example for ${name}`, () => {
    let project: Project;
    let smtp: SmtpFake;
    let database: AppDatabase;
    let app: App;

    beforeAll(async () => {
      [database, smtp] = await Promise.all([open(), startSmtp()]);
      const files = {
        "package.json": '{ "type": "module" }',
        "tsconfig.json": JSON.stringify(tsconfig),
        "app.ts": await readFile(join(root, "examples", folder, "app.ts"), "utf8"),
      };
      project = await makeProject(files, packages);
    });

    afterAll(async () => {
      await project?.remove();
      await smtp?.close();
      await database?.close();
    });

    it("compiles and starts", async () => {
      expect(await project.compile()).toBe("");
      app = await project.start("app.js", {
        ...database.environment,
        NODE_ENV: "production",
        SMTP_URL: smtp.url,
        RESET_SECRET: secret,
        PUBLIC_URL: "https://app.example.com",
      });
    }, 60_000);

    const logIn = async (email: string, password: string) =>
      (await app.post("/login", { email, password })).status;
    const sessions = async () =>
      (await database.query("select user_id from sessions order by user_id")).map((row) => row.user_id);

    it("resets a password by mail, ends that account's sessions, and lets it in with the new one", async () => {
      for (const email of ["ada@example.com", "grace@example.com"]) {
        const hashed = await hash("the old password");
        await database.query(`insert into users (email, password_hash) values ('${email}', '${hashed}')`);
        expect(await logIn(email, "the old password")).toBe(204);
      }
      expect(await sessions()).toEqual([1, 2]);

      await doTheWholeJob(app, smtp);
      expect(await sessions()).toEqual([2]);
      expect(await logIn("ada@example.com", "the old password")).toBe(401);
      expect(await logIn("Ada@example.com", goodPassword)).toBe(204);
      expect(await logIn("grace@example.com", "the old password")).toBe(204);
      expect(await sessions()).toEqual([1, 2, 2]);
      await expect.poll(() => smtp.mails.length, { timeout: 15_000 }).toBe(2);
    });

    it("refuses to log in who says nothing, or nobody", async () => {
      expect((await app.post("/login", {})).status).toBe(400);
      expect(await logIn("nobody@example.com", goodPassword)).toBe(401);
    });
  });
}
