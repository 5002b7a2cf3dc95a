import { Database } from "bun:sqlite";
import { createTransport } from "nodemailer";
import { nodeSqlite } from "resetkit/connections/node-sqlite";
import { createApp } from "./app.mjs";

const { MAIL_API, SMTP_URL, PORT } = Bun.env;
const connection = nodeSqlite(new Database(":memory:"));
const app = createApp({ mailApi: MAIL_API, smtp: createTransport(SMTP_URL), connection });

Bun.serve({
  port: Number(PORT),
  hostname: "127.0.0.1",
  fetch: (request, server) => app.fetch(request, { ip: server.requestIP(request)?.address }),
});
