/**
 * What an adapter guarantees about paths and methods.
 *
 * @module
 */
import assert from "node:assert/strict";
import { address, asking, askingBody, head, json, membersOf, mount } from "./scene.js";
import { exchange } from "./wire.js";
import type { HandlerCase } from "./case.js";

export const pathCases: readonly HandlerCase[] = [
  {
    name: "answers with and without the slash at the end, and reads nothing from the query",
    async run(start) {
      const { drive, calls } = await start();
      const statusOf = async (path: string) => (await drive({ ...asking, path })).status;
      for (const path of [mount, `${mount}/`, `${mount}?x=/y`, `${mount}/?email=evil@example.com`]) {
        assert.equal(await statusOf(path), 200, path);
      }
      for (const path of [`${mount}/confirm`, `${mount}/confirm/?token=x&password=y`]) {
        assert.equal(await statusOf(path), 400, path);
      }
      assert.deepEqual(
        calls.map(({ input }) => input),
        Array.from({ length: 4 }, () => ({ identifier: address })),
      );
    },
  },
  {
    name: "answers below any path that it is mounted at",
    async run(start) {
      const { drive, calls } = await start({ path: "/accounts/v1/reset" });
      const statusOf = async (path: string) => (await drive({ ...asking, path })).status;
      assert.equal(await statusOf("/accounts/v1/reset"), 200);
      assert.equal(await statusOf("/accounts/v1/reset/?x"), 200);
      assert.equal(await statusOf("/accounts/v1/reset/validate_token"), 400);
      assert.ok([404, 418].includes(await statusOf(`${mount}/`)));
      assert.equal(calls.length, 2);
    },
  },
  {
    name: "hands on what is not its own",
    async run(start) {
      const { drive, calls } = await start();
      const others = ["/", "/api", `${mount}s`, `${mount}/other`, `${mount}/confirm/more`];
      for (const path of others) {
        const { status } = await drive({ ...asking, path });
        // 405: an application may have a page there that doesn't accept POST.
        assert.ok([404, 405, 418].includes(status), `${status} to ${path}`);
      }
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "takes no path for its own that is only like it",
    needs: ["targets"],
    async run(start) {
      const { drive, calls } = await start();
      const odd = [`/${mount}/`, "/api//password_reset/", `${mount}/%2Fconfirm`, `${mount}/%63onfirm/`];
      for (const path of odd) {
        const { status } = await drive({ ...asking, path });
        assert.ok([404, 418].includes(status), `${status} to ${path}`);
      }
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "answers to targets that are odd, and to none by a 5xx",
    needs: ["targets"],
    async run(start) {
      const { port } = await start();
      const targets = [
        "/%61pi/password_reset/",
        `/x/..${mount}/`,
        `${mount}/%`,
        `${mount}/%00`,
        `${mount}//`,
        "*",
      ];
      for (const target of [...targets, "http://evil.example", "/".repeat(5_000), `${mount}/#x`]) {
        const text = await exchange(port, head(`Content-Length: ${askingBody.length}`, target), askingBody);
        assert.match(text, /^HTTP\/1.1 [234]\d\d /, `no answer to ${target.slice(0, 40)}`);
      }
    },
  },
  {
    name: "drops the host of a target, which is the client's word",
    needs: ["targets"],
    async run(start) {
      const { port, calls } = await start();
      for (const host of ["evil.example", "user:pw@evil.example:99"]) {
        const line = head(`Content-Length: ${askingBody.length}`, `http://${host}${mount}/`);
        assert.match(await exchange(port, line, askingBody), /^HTTP\/1.1 (?:200|400|404|418) /);
      }
      for (const { input, context } of calls) {
        assert.deepEqual(input, { identifier: address });
        assert.ok(!JSON.stringify(context).includes("evil"), "The host has reached the engine.");
      }
    },
  },
  {
    name: "takes neither path, method nor host from a header",
    async run(start) {
      const { drive, calls } = await start();
      const forge = (more: Record<string, string>) =>
        ({ ...asking.headers, ...more }) as Record<string, string>;
      const elsewhere = forge({ "x-original-url": `${mount}/`, "x-rewrite-url": `${mount}/` });
      const other = await drive({ ...asking, path: `${mount}/other`, headers: elsewhere });
      assert.ok([404, 418].includes(other.status), `${other.status} to another path`);
      const override = forge({ "x-http-method-override": "POST", "x-method-override": "POST" });
      assert.equal((await drive({ ...asking, method: "PUT", headers: override })).status, 405);
      assert.deepEqual(calls, []);

      const forged = forge({
        host: "evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "evil",
      });
      assert.equal((await drive({ ...asking, headers: forged })).status, 200);
      assert.ok(!JSON.stringify(calls).includes("evil"), "A host has reached the engine.");
    },
  },
  {
    name: "answers 405 to other methods, and describes itself to OPTIONS",
    async run(start) {
      const { drive, calls } = await start();
      for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
        const answer = await drive({ method, path: `${mount}/confirm/` });
        assert.deepEqual([answer.status, answer.headers["allow"]], [405, "POST, OPTIONS"], method);
        assert.deepEqual(Object.keys(membersOf(answer)), ["detail"]);
      }
      const none = await drive({ method: "HEAD", path: `${mount}/` });
      assert.deepEqual([none.status, none.body], [405, ""]);
      const described = await drive({ method: "OPTIONS", path: `${mount}/validate_token` });
      assert.equal(described.status, 200);
      assert.ok("parses" in membersOf(described));
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "sends its headers, and keeps those that the application has set",
    async run(start) {
      const { drive } = await start();
      const refused = {
        path: `${mount}/confirm/`,
        ...json({ token: "another", password: "Correct-horse-9" }),
      };
      for (const sent of [asking, refused, { ...asking, body: "{" }]) {
        const { headers } = await drive(sent);
        assert.equal(headers["content-type"], "application/json");
        assert.equal(headers["cache-control"], "no-store");
        assert.equal(headers["x-content-type-options"], "nosniff");
        assert.equal(headers["x-app"], "kept");
      }
    },
  },
  {
    name: "answers in the form that is asked for, and 406 where it has none",
    async run(start) {
      const { drive } = await start();
      const accepting = (accept: string) =>
        drive({ ...asking, headers: { ...asking.headers, accept }, body: "{" });
      const problem = await accepting("application/problem+json");
      assert.deepEqual([problem.status, JSON.parse(problem.body).code], [400, "malformed_body"]);
      assert.equal((await accepting("text/html")).status, 406);
    },
  },
];
