/**
 * What an adapter guarantees about clients: their IP address, with and without reverse proxies.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ResetContext } from "../../types.js";
import { asking } from "./scene.js";
import type { HandlerCase, HandlerSettings, Start } from "./case.js";

/** The context that the engine receives for a request with these headers. */
async function seen(
  start: Start,
  settings: Partial<HandlerSettings>,
  headers: Readonly<Record<string, string | readonly string[]>>,
): Promise<ResetContext> {
  const { drive, calls } = await start(settings);
  assert.equal((await drive({ ...asking, headers: { ...asking.headers, ...headers } })).status, 200);
  const [call] = calls;
  assert.ok(call, "The request didn't reach the engine.");
  return call.context;
}

export const visitorCases: readonly HandlerCase[] = [
  {
    name: "tells who holds the connection, whatever a header says",
    needs: ["address"],
    async run(start) {
      assert.equal((await seen(start, {}, {})).ip, "127.0.0.1");
      const forged = { "x-forwarded-for": "192.0.2.1", "x-real-ip": "192.0.2.1", forwarded: "for=192.0.2.1" };
      assert.equal((await seen(start, {}, forged)).ip, "127.0.0.1");
      assert.equal((await seen(start, { trustProxy: 0 }, forged)).ip, "127.0.0.1");
    },
  },
  {
    name: "behind one proxy, tells the address that the proxy wrote, and none before it",
    async run(start) {
      const list = { "x-forwarded-for": "198.51.100.66, 192.0.2.1" };
      assert.equal((await seen(start, { trustProxy: 1 }, list)).ip, "192.0.2.1");
      const twice = { "x-forwarded-for": ["198.51.100.66", "192.0.2.2"] };
      assert.equal((await seen(start, { trustProxy: 1 }, twice)).ip, "192.0.2.2");
    },
  },
  {
    name: "behind two proxies, tells the address that the outer one wrote",
    async run(start) {
      const list = { "x-forwarded-for": "198.51.100.66, 192.0.2.1, 10.0.0.1" };
      assert.equal((await seen(start, { trustProxy: 2 }, list)).ip, "192.0.2.1");
    },
  },
  {
    name: "trusts proxies that are named, and no others",
    needs: ["address"],
    async run(start) {
      const list = { "x-forwarded-for": "198.51.100.66, 192.0.2.1, 10.0.0.1" };
      assert.equal((await seen(start, { trustProxy: ["127.0.0.1", "10.0.0.0/8"] }, list)).ip, "192.0.2.1");
      assert.equal((await seen(start, { trustProxy: ["10.0.0.0/8"] }, list)).ip, "127.0.0.1");
    },
  },
  {
    name: "answers to headers that are no addresses as to none",
    async run(start) {
      for (const header of ["", ",", "unknown", "1".repeat(4_000), "<script>", "::1%eth0, %", ", ,"]) {
        const { ip } = await seen(start, { trustProxy: 1 }, { "x-forwarded-for": header });
        assert.ok(ip === undefined || /^[\da-f.:]+$/.test(ip), `${header.slice(0, 20)} results in ${ip}`);
      }
    },
  },
  {
    name: "tells the user agent and the language",
    async run(start) {
      const { userAgent, locale } = await seen(
        start,
        {},
        { "user-agent": "probe/1", "accept-language": "de-AT, en;q=0.5" },
      );
      assert.deepEqual([userAgent, locale], ["probe/1", "de-AT"]);
    },
  },
  {
    name: "hands waitUntil on to the engine, where the application gives one",
    async run(start) {
      const handed: unknown[] = [];
      const waitUntil = (work: unknown) => void handed.push(work);
      const work = Promise.resolve();
      (await seen(start, { context: () => ({ waitUntil }) }, {})).waitUntil?.(work);
      assert.deepEqual(handed, [work]);
    },
  },
  {
    name: "asks the application's context of the framework's own request",
    async run(start) {
      const requests: unknown[] = [];
      const context = (request: unknown) => {
        requests.push(request);
        return { scope: "acme", data: { plan: "free" } };
      };
      const { scope, data } = await seen(start, { context }, {});
      assert.deepEqual([scope, data], ["acme", { plan: "free" }]);
      assert.ok(typeof requests[0] === "object" && requests[0] !== null);
    },
  },
];
