import { DatabaseSync } from "node:sqlite";
import { createTransport } from "nodemailer";
import { nodeSqlite } from "resetkit/connections/node-sqlite";
import { createApp } from "./app.mjs";

const [PORT, MAIL_API, SMTP_URL] = Deno.args;
const connection = nodeSqlite(new DatabaseSync(":memory:"));
const app = createApp({ mailApi: MAIL_API, smtp: createTransport(SMTP_URL), connection });

Deno.serve({ port: Number(PORT), hostname: "127.0.0.1" }, (request, { remoteAddr }) =>
  app.fetch(request, { ip: remoteAddr.hostname }),
);
