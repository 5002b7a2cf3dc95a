import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashPassword } from "../../examples/workers-d1/src/passwords.js";
import { secret } from "../kit.js";
import { startMailApi } from "../servers/mail-api.js";
import { simulator } from "../servers/miniflare.js";
import { oldPassword, type Site } from "./job.js";

/** Runs the Worker that was built in a folder on Cloudflare's simulator, with its D1; its emails go out over HTTP. */
export async function startWorker(
  folder: string,
  port: number,
  url: string,
): Promise<Pick<Site, "mails"> & { stop(): Promise<void> }> {
  const api = await startMailApi();
  const worker = await simulator({
    script: await readFile(join(folder, "dist/worker.js"), "utf8"),
    host: "127.0.0.1",
    port,
    d1Databases: ["DB"],
    bindings: { APP_URL: url, RESET_SECRET: secret, POSTMARK_URL: api.endpoint, POSTMARK_TOKEN: "key" },
  });
  const db = await worker.getD1Database("DB");
  await db.exec(await readFile(join(folder, "schema.sql"), "utf8"));
  for (const email of ["ada@example.com", "grace@example.com"]) {
    const insert = db.prepare("insert into users (email, password_hash) values (?, ?)");
    await insert.bind(email, await hashPassword(oldPassword)).run();
  }
  return {
    mails: () => api.mails.map(({ To, Subject, TextBody }) => ({ to: To, subject: Subject, text: TextBody })),
    async stop() {
      await worker.dispose();
      await api.close();
    },
  };
}
