/**
 * What an adapter guarantees about bodies, with and without a parser before it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  address,
  asking,
  askingBody,
  askingHead,
  bodyKinds,
  goodToken,
  head,
  json,
  membersOf,
  mount,
  write,
} from "./scene.js";
import { exchange, isWhole, openWire } from "./wire.js";
import type { HandlerCase, ParserSetup, Start } from "./case.js";

/** The cases that must pass behind any parser. */
export function parserCases({ refuses = [], failsUnpacking }: ParserSetup): readonly HandlerCase[] {
  return [
    ...bodyKinds
      .filter((kind) => !refuses.includes(kind))
      .map((kind): HandlerCase => ({
        name: `does the whole job by ${kind}`,
        async run(start) {
          const { drive, calls } = await start();
          const post = (path: string, fields: Record<string, string>) =>
            drive({ path: mount + path, ...write(kind, fields) });
          assert.deepEqual(membersOf(await post("/", { email: address })), { status: "OK" });
          assert.equal((await post("/validate_token/", { token: goodToken })).status, 200);
          assert.equal((await post("/validate_token", { token: "another" })).status, 404);
          const weak = await post("/confirm/", { token: goodToken, password: "short" });
          assert.deepEqual([weak.status, Object.keys(membersOf(weak))], [400, ["password"]]);
          // Spaces, symbols, and non-ASCII letters arrive as they were sent.
          const password = " +%&= ü💥 ";
          assert.equal((await post("/confirm", { token: goodToken, password })).status, 200);
          assert.deepEqual(calls[0]?.input, { identifier: address });
          assert.equal(calls.at(-1)?.input["password"], password);
        },
      })),
    {
      name: "takes an empty body for no fields",
      async run(start) {
        const { drive } = await start();
        for (const type of ["application/json", "application/x-www-form-urlencoded"]) {
          const empty = await drive({ path: `${mount}/`, headers: { "content-type": type }, body: "" });
          assert.deepEqual([empty.status, Object.keys(membersOf(empty))], [400, ["email"]]);
        }
        assert.equal((await drive({ path: `${mount}/` })).status, 400);
      },
    },
    {
      name: "answers 4xx to bodies that are none, and never hangs",
      async run(start) {
        const { drive, calls } = await start();
        for (const type of badTypes) {
          for (const body of badBodies) {
            const { status } = await drive({ path: `${mount}/`, headers: { "content-type": type }, body });
            assert.ok([400, 413, 415, 422].includes(status), `${status} to ${type}: ${body.slice(0, 20)}`);
          }
        }
        const headers = { "content-type": "application/json", "content-encoding": "gzip" };
        const { status } = await drive({ path: `${mount}/`, headers, body: "{}" });
        const allowed = failsUnpacking ? [500] : [400, 415];
        assert.ok(allowed.includes(status), `${status} to a body that isn't compressed as its header says`);
        assert.deepEqual(calls, []);
      },
    },
    {
      name: "takes a list for no text",
      async run(start) {
        const { drive, calls } = await start();
        const list = await drive({ path: `${mount}/`, ...json({ email: [address] }) });
        assert.deepEqual([list.status, Object.keys(membersOf(list)), calls], [400, ["email"], []]);
      },
    },
  ];
}

const badTypes = [
  "application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=b",
  "text/plain",
  "a/b",
];

const badBodies = [
  ...["{", "[]", '"x"', "5", "null", "true", "\0"],
  ...["email=%zz", "email[]=a&email[]=b", "email[__proto__]=x"],
  "x".repeat(20_000),
];

const chunked = head("Transfer-Encoding: chunked");

export const bodyCases: readonly HandlerCase[] = [
  {
    name: "answers 415 to other types, in its own words, even to an invalid one",
    async run(start) {
      const { drive, calls } = await start();
      for (const type of [
        "text/xml",
        "application/vnd.api+json",
        "nonsense",
        "application/json; charset=x",
      ]) {
        const answer = await drive({ ...asking, headers: { "content-type": type } });
        assert.equal(answer.status, 415, type);
        assert.deepEqual(Object.keys(membersOf(answer)), ["detail"], type);
      }
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "answers 415 to a body without a type",
    needs: ["untyped"],
    async run(start) {
      const { drive, calls } = await start();
      assert.equal((await drive({ ...asking, headers: {} })).status, 415);
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "answers 413 at once to a body that says that it is too large",
    async run(start) {
      const { port, calls } = await start();
      const text = await exchange(port, head("Content-Length: 1000000000"));
      assert.match(text, /^HTTP\/1.1 413 .*\{"detail":"The request is too large\."\}/s);
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "answers 413, which the client gets to read, to a body that turns out too large",
    async run(start) {
      const { port, calls } = await start();
      for (const pieces of [5, 90]) {
        const piece = `2710\r\n${"x".repeat(10_000)}\r\n`;
        const text = await exchange(port, chunked, piece.repeat(pieces), "0\r\n\r\n");
        assert.match(text, /^HTTP\/1.1 413 .*The request is too large/s);
      }
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "holds to the limit that it was given",
    async run(start) {
      const { drive } = await start({ limits: { maxBytes: 1_024 } });
      const long = json({ email: address, more: "x".repeat(1_024) });
      assert.equal((await drive({ path: `${mount}/`, ...long })).status, 413);
      assert.equal((await drive(asking)).status, 200);
    },
  },
  {
    name: "ends the connection of a client that never stops sending",
    needs: ["hangUp"],
    async run(start) {
      const { port } = await start();
      const wire = await openWire(port);
      wire.write(head("Content-Length: 1000000000"));
      const flood = setInterval(() => wire.write("x".repeat(200_000)), 5);
      const text = await wire.read();
      clearInterval(flood);
      assert.match(text, /^HTTP\/1.1 413 /);
      assert.ok(wire.isOver(), "The connection is still open after 5 seconds.");
      wire.close();
    },
  },
  {
    name: "cuts off by a 408 a body that comes too slowly",
    async run(start) {
      const { port, calls } = await start({ limits: { timeout: "100ms" } });
      const wire = await openWire(port);
      wire.write(askingHead);
      const drip = setInterval(() => wire.write("{"), 30);
      const begin = Date.now();
      const text = await wire.read(isWhole);
      clearInterval(drip);
      wire.close();
      assert.match(text, /^HTTP\/1.1 408 /);
      assert.ok(Date.now() - begin < 2_000, `The response took ${Date.now() - begin} ms.`);
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "cuts off a body that comes at one byte a second, of any type",
    async run(start) {
      for (const { type, text } of await dripped(start)) assert.match(text, /^HTTP\/1.1 408 /, type);
    },
  },
  {
    name: "ends the connection of a body that comes at one byte a second",
    needs: ["hangUp"],
    async run(start) {
      for (const { type, isOver } of await dripped(start)) {
        assert.ok(isOver, `The connection with ${type} is still open after 5 seconds.`);
      }
    },
  },
  {
    name: "reads a body that comes byte by byte, or in chunks",
    async run(start) {
      const { port, calls } = await start();
      const wire = await openWire(port);
      wire.write(askingHead);
      for (const character of askingBody) {
        wire.write(character);
        await sleep(1);
      }
      assert.match(await wire.read(isWhole), /^HTTP\/1.1 200 /);
      wire.close();
      const chunks = [...askingBody].map((character) => `1\r\n${character}\r\n`).join("");
      assert.match(await exchange(port, chunked, `${chunks}0\r\n\r\n`), /^HTTP\/1.1 200 /);
      assert.match(await exchange(port, chunked, "0\r\n\r\n"), /^HTTP\/1.1 400 /);
      assert.deepEqual(
        calls.map(({ input }) => input["identifier"]),
        [address, address],
      );
    },
  },
];

/** Sends a body byte by byte: the timeout must limit the whole body, not the pauses in it. */
async function dripped(start: Start): Promise<{ type: string; text: string; isOver: boolean }[]> {
  const { port, calls } = await start({ limits: { timeout: "1500ms" } });
  const types = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"];
  const ends = types.map(async (type) => {
    const wire = await openWire(port);
    wire.write(askingHead.replace("application/json", type));
    const drip = setInterval(() => wire.write("-"), 1_000);
    const text = await wire.read();
    clearInterval(drip);
    wire.close();
    return { type, text, isOver: wire.isOver() };
  });
  const all = await Promise.all(ends);
  assert.deepEqual(calls, []);
  return all;
}
