import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { createTransport } from "nodemailer";
import { nodeListener } from "resetkit/adapters/node";
import { nodeSqlite } from "resetkit/connections/node-sqlite";
import { createApp } from "./app.mjs";

const { MAIL_API, SMTP_URL, PORT } = process.env;
// Node 20 has none.
const sqlite = process.getBuiltinModule("node:sqlite");
const connection = sqlite && nodeSqlite(new sqlite.DatabaseSync(":memory:"));

const app = createApp({ mailApi: MAIL_API, smtp: createTransport(SMTP_URL), connection });
const listeners = app.doors.map(({ reset, basePath }) => nodeListener(reset, { basePath }));

async function answer(req, res) {
  const body = req.method === "POST" ? { body: await buffer(req) } : {};
  const response = await app.answer(
    new Request(`http://127.0.0.1${req.url}`, { method: req.method, ...body }),
  );
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
}

createServer((req, res) => {
  const chain = listeners.reduceRight(
    (next, listen) => () => listen(req, res, next),
    () => void answer(req, res),
  );
  chain();
}).listen(Number(PORT), "127.0.0.1");
