import { connect, createServer, type ClientHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import Database from "better-sqlite3";
import { nodeListener } from "resetkit/adapters/node";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import type { GateAttempt } from "resetkit/http";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { makeKit, people } from "../kit.js";

// "Timeless timing" (Van Goethem et al., USENIX Security 2020): two requests in one packet start together, so the network
// adds nothing, and the order of the responses tells which took longer.
// Sample: 300 pairs. Without a difference, the share of pairs whose known account is answered first lies within 0.5 ± 0.12
// with a chance of 99.99 %, even if the order is drawn.
const pairs = 300;
const band = 0.12;
const known = Array.from({ length: pairs }, (_, n) => `known${n}@example.com`);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it("A06: two requests inside one HTTP/2 packet come back in the order in which they were sent, known or not", async () => {
  const session = await serve(0);
  const { first, responses } = await race(session);
  expect(Math.abs(first / pairs - 0.5)).toBeLessThan(band);
  expect([...responses]).toEqual(['200 {"status":"OK"}']);
});

it("A06: three milliseconds for known accounts show in that order (control)", async () => {
  const { first } = await race(await serve(3));
  expect(first / pairs).toBeLessThan(0.5 - band);
});

/** A server whose gate takes so many milliseconds for a known account, as one that looks accounts up would. */
async function serve(extra: number): Promise<ClientHttp2Session> {
  const db = new Database(":memory:");
  const connection = betterSqlite3(db);
  await migrate(connection);
  const kit = makeKit({ store: sqlStore(connection), throttles: false }, people(...known));
  const gate = async ({ fields }: GateAttempt) => {
    if (extra > 0 && String(fields.email).startsWith("known")) await sleep(extra);
    return true;
  };
  const listener = nodeListener(kit.reset, { log: kit.log, gate });
  const server = createServer((request, response) => listener(request as never, response as never));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  closing.push(
    () => db.close(),
    () => kit.reset.close(),
    () => new Promise((resolve) => server.close(resolve)),
    () => session.close(),
  );
  return session;
}

/** How many of the known accounts were answered before the unknown one beside them, and all that was answered. */
async function race(session: ClientHttp2Session) {
  let first = 0;
  const responses = new Set<string>();
  for (const [n, address] of known.entries()) {
    const finished: string[] = [];
    const both = [address, `nobody${n}@example.com`];
    // Each is sent first as often as the other: the first is at an advantage.
    if (n % 2 === 1) both.reverse();
    await Promise.all(
      both.map(async (email) => {
        responses.add(await ask(session, email));
        finished.push(email);
      }),
    );
    if (finished[0] === address) first++;
  }
  return { first, responses };
}

/** Not awaited between two calls, both go into one packet. */
function ask(session: ClientHttp2Session, email: string): Promise<string> {
  const stream = session.request({
    ":method": "POST",
    ":path": "/api/password_reset/",
    "content-type": "application/json",
  });
  stream.end(JSON.stringify({ email }));
  return new Promise((resolve, reject) => {
    let status = 0;
    let body = "";
    stream.on("response", (headers) => (status = headers[":status"] ?? 0));
    stream.setEncoding("utf8").on("data", (data) => (body += data));
    stream.on("end", () => resolve(`${status} ${body}`)).on("error", reject);
  });
}
