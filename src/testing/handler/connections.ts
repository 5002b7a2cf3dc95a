/**
 * What an adapter guarantees about connections: clients that disconnect, several requests on one connection, and engines
 * that throw.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { address, asking, askingBody, askingHead, breaking, head, json, membersOf } from "./scene.js";
import { openWire } from "./wire.js";
import type { HandlerCase } from "./case.js";

export const connectionCases: readonly HandlerCase[] = [
  {
    name: "survives clients that hang up in the middle of a body, and says nothing of them",
    async run(start) {
      const { port, calls, lines, drive } = await start();
      for (let n = 0; n < 20; n++) {
        const wire = await openWire(port);
        wire.write(askingHead + askingBody.slice(0, n));
        await sleep(2);
        if (n % 2) wire.close();
        else wire.reset();
      }
      await sleep(50);
      assert.equal((await drive(asking)).status, 200);
      assert.deepEqual(
        calls.map(({ input }) => input["identifier"]),
        [address],
      );
      assert.deepEqual(lines, []);
    },
  },
  {
    // A client that disconnects fast enough has no IP address, so a rate limit by IP address wouldn't count it.
    name: "does not serve 20 clients that are gone before they could be counted",
    needs: ["address", "gone"],
    async run(start) {
      const { port, calls } = await start();
      const wires = await Promise.all(Array.from({ length: 20 }, () => openWire(port)));
      await sleep(20);
      for (const wire of wires) {
        wire.write(askingHead + askingBody);
        wire.reset();
      }
      await sleep(200);
      assert.deepEqual(
        calls.filter(({ context }) => context.ip === undefined),
        [],
      );
    },
  },
  {
    name: "answers 20 requests that are pipelined, each once and in order",
    async run(start) {
      const { port } = await start();
      const wire = await openWire(port);
      for (let n = 0; n < 20; n++) {
        const body = n % 2 ? askingBody : "{}";
        wire.write(head(`Content-Length: ${body.length}`) + body);
      }
      const statusesIn = (text: string) => [...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status);
      const text = await wire.read((seen) => statusesIn(seen).length === 20);
      wire.close();
      assert.deepEqual(
        statusesIn(text),
        Array.from({ length: 20 }, (_, n) => (n % 2 ? "200" : "400")),
      );
    },
  },
  {
    name: "answers a bug by a 500 that tells nothing, and goes on",
    async run(start) {
      const { drive, lines } = await start();
      const answer = await drive({ ...asking, ...json({ email: breaking }) });
      assert.equal(answer.status, 500);
      assert.deepEqual(Object.keys(membersOf(answer)), ["detail"]);
      assert.ok(!answer.body.includes("a bug of the application"));
      assert.ok(lines.some((line) => line.includes("a bug of the application")));
      assert.equal((await drive(asking)).status, 200);
    },
  },
];
