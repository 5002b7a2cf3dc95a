/**
 * The process under test: the library behind `node:http`, and the controls in front of it.
 *
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { nodeListener } from "resetkit/adapters/node";
import { open } from "./database.js";
import { engineOn } from "./engine.js";
import { controlHeader, type Ready, type Start } from "./messages.js";
import { spend } from "../spend.js";

// Whoever measured is gone.
process.once("disconnect", () => process.exit());
const [start] = (await once(process, "message")) as [Start];
const opened = open(start.place);
const { reset, ended, delay } = engineOn(opened.connection, start);
const listener = nodeListener(reset);
let owed = 0;

const server = createServer((req, res) => {
  spend(owed);
  owed = 0;
  if (req.url === "/hello") return void res.end("hello");
  control(req.headers[controlHeader], res);
  listener(req, res);
});
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.send!({ port: (server.address() as AddressInfo).port } satisfies Ready);

await once(process, "message");
server.close();
server.closeAllConnections();
// What is left in the queue is done by whoever works.
if (start.worker === "inside") await reset.drain();
await reset.close();
await opened.close();
// What is still being sent when a channel closes is lost.
process.send!(ended, () => process.disconnect());

function control(mark: IncomingMessage["headers"][string], res: ServerResponse): void {
  if (mark === "planted") {
    spend(start.planted);
    owed = start.planted;
    delay(start.plantedWork);
  }
  if (mark === "late") res.once("finish", () => setImmediate(spend, start.late));
}
