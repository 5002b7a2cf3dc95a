import { describe, expect, it } from "vitest";
import { createHandler, type HandlerOptions } from "../../src/http/handler.js";
import { goodPassword, makeKit } from "../kit.js";
import { byPlain, json, plainRequest } from "./drive.js";

const base = "/api/password_reset";
const paths = { request: "ask", validate: "check-token", confirm: "account/set" };

function setUp(options: HandlerOptions = {}) {
  const kit = makeKit();
  const handler = createHandler(kit.reset, { log: kit.log, ...options });
  const isOurs = async (path: string) => (await handler.plain(plainRequest({ path }))) !== null;
  return { ...kit, drive: byPlain(handler), isOurs };
}

describe("endpoints under names of the application's own", () => {
  it("do the whole job, with and without a slash, and the usual names are free", async () => {
    const { ask, drive, isOurs, passwordOf } = setUp({ paths });
    const { token } = await ask("ada@example.com");
    expect((await drive({ path: `${base}/ask`, ...json({ email: "ada@example.com" }) })).status).toBe(200);
    expect((await drive({ path: `${base}/check-token/`, ...json({ token }) })).status).toBe(200);
    const confirming = { path: `${base}/account/set/`, ...json({ token, password: goodPassword }) };
    expect((await drive(confirming)).status).toBe(200);
    expect(passwordOf(1)).toBe(goodPassword);
    for (const path of ["", "/", "/validate_token/", "/confirm", "/account"]) {
      expect(await isOurs(base + path), path).toBe(false);
    }
  });

  it("may be some of them, with slashes around, and any may be at the base path", async () => {
    const some = setUp({ paths: { validate: "/check/" } });
    for (const path of ["", "/check", "/confirm/"]) expect(await some.isOurs(base + path), path).toBe(true);
    const swapped = setUp({ paths: { request: "ask", confirm: "" } });
    const confirming = { path: `${base}/`, ...json({ token: "x", password: goodPassword }) };
    expect((await swapped.drive(confirming)).status).toBe(404);
  });

  it("may have .json in the middle, which isn't a suffix", async () => {
    const { isOurs } = setUp({ paths: { validate: "a.json/b", confirm: "a/b" } });
    for (const path of ["/a.json/b", "/a/b"]) expect(await isOurs(base + path), path).toBe(true);
  });

  it("stand in the API's own description, and its page posts to them", async () => {
    const { drive } = setUp({ paths });
    const document = JSON.parse((await drive({ method: "GET", path: `${base}/openapi.json` })).body);
    expect(Object.keys(document.paths)).toEqual(["/ask/", "/check-token/", "/account/set/"]);
    const page = (await drive({ method: "GET", path: `${base}/docs` })).body;
    expect([...page.matchAll(/action="([^"]*)"/g)].map(([, action]) => action)).toEqual([
      "./ask/",
      "./check-token/",
      "./account/set/",
    ]);
  });

  it.each([
    [{ validate: "confirm" }, 'paths.confirm is "confirm"'],
    [{ confirm: "" }, 'paths.confirm is ""'],
    [{ confirm: "docs" }, 'paths.confirm is "docs"'],
    [{ confirm: "openapi.json" }, 'paths.confirm is "openapi.json"'],
    [{ confirm: "validate_token.json" }, 'paths.confirm is "validate_token.json"'],
    [{ validate: "../check" }, 'paths.validate is "../check"'],
    [{ validate: ":token" }, 'paths.validate is ":token"'],
    [{ validate: "a//b" }, 'paths.validate is "a//b"'],
    [{ validate: "a b" }, 'paths.validate is "a b"'],
    [{ validate: undefined }, "paths.validate is undefined"],
    [{ request: 42 }, "paths.request is 42"],
    [{ request: null }, "paths.request is null"],
    [{ check: "check" }, 'paths has no option "check"'],
    ["check", "paths takes an options object"],
  ])("%j is refused, with the fix", (given, message) => {
    expect(() => setUp({ paths: given as never })).toThrow(message);
  });
});

describe("a suffix, as routers of Django REST framework take it", () => {
  it("is read at every endpoint, and no other is", async () => {
    const { isOurs } = setUp();
    for (const path of [".json", "/validate_token.json", "/confirm.json/"]) {
      expect(await isOurs(base + path), path).toBe(true);
    }
    for (const path of ["/.json", ".xml", "/confirm.api", "/confirm.json.json", "/confirm.JSON"]) {
      expect(await isOurs(base + path), path).toBe(false);
    }
  });

  it("changes nothing of the answer", async () => {
    const { drive } = setUp();
    const asking = json({ email: "ada@example.com" });
    const plain = await drive({ path: `${base}/`, ...asking });
    expect(await drive({ path: `${base}.json`, ...asking })).toEqual(plain);
  });
});
