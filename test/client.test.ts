import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { nodeListener } from "../src/adapters/node.js";
import { createClient, type ClientOptions, type Failure } from "../src/client.js";
import type { ErrorCode } from "../src/errors.js";
import { createHandler, type HandlerOptions } from "../src/http/handler.js";
import { randomNumber } from "../src/tokens/generators.js";
import { storedTokens } from "../src/tokens/stored.js";
import type { ResetOptions } from "../src/types.js";
import { length } from "../src/validators/length.js";
import { goodPassword, makeKit, type Person } from "./kit.js";
import { startChromium } from "./servers/chromium.js";

const site = "https://app.example.com";

interface Given {
  readonly engine?: Partial<ResetOptions<Person>>;
  readonly http?: HandlerOptions;
  readonly client?: Partial<ClientOptions>;
  readonly headers?: Record<string, string>;
}

/** A client that talks to a real handler, without a network between them. */
function setUp({ engine, http, client: options, headers }: Given = {}) {
  const kit = makeKit({ validators: [length({ min: 8 })], ...engine });
  const handler = createHandler(kit.reset, { log: kit.log, ...http });
  const asked: Request[] = [];
  const send: typeof fetch = async (path, init) => {
    const request = new Request(new URL(String(path), site), init);
    for (const [name, value] of Object.entries(headers ?? {})) request.headers.set(name, value);
    asked.push(request.clone());
    return handler(request, { ip: "192.0.2.1" });
  };
  const client = createClient({ baseUrl: "/api/password_reset", fetch: send, ...options });
  return { ...kit, client, asked };
}

describe("a reset", () => {
  it("goes the whole way, and the token works once", async () => {
    const { client, reset, mails, passwordOf } = setUp();
    expect(await client.request({ identifier: "ada@example.com" })).toMatchObject({ ok: true });
    await reset.drain();
    const { token } = mails[0] as { token: string };
    expect(await client.validate({ token })).toEqual({ ok: true, reveals: {} });
    expect(await client.confirm({ token, password: goodPassword })).toMatchObject({ ok: true });
    expect(passwordOf(1)).toBe(goodPassword);
    const over = {
      ok: false,
      code: "invalid_token",
      message: "This link or code is invalid or has expired. Request a new one.",
    };
    expect(await client.validate({ token })).toEqual(over);
    expect(await client.confirm({ token, password: goodPassword })).toEqual(over);
  });

  it("goes with a code, which needs the identifier beside it", async () => {
    const { client, ask } = setUp({ engine: { tokens: storedTokens({ generator: randomNumber() }) } });
    const { code } = await ask("ada@example.com");
    expect(await client.validate({ token: code! })).toMatchObject({ code: "invalid_token" });
    const typed = { token: code!, identifier: "ada@example.com" };
    expect(await client.validate(typed)).toEqual({ ok: true, reveals: {} });
    expect(await client.confirm({ ...typed, password: goodPassword })).toMatchObject({ ok: true });
  });

  it("shows what the server reveals of the account, under any name", async () => {
    const reveals = { type: "person", code: 7, errors: "none", detail: null };
    const { client, ask } = setUp({ engine: { validateReveals: () => reveals } });
    const { token } = await ask("ada@example.com");
    expect(await client.validate({ token })).toEqual({ ok: true, reveals });
  });

  it("names the identifier as the server does, and sends other members along", async () => {
    const gate = ({ fields }: { fields: Readonly<Record<string, unknown>> }) =>
      fields["captcha"] === "solved";
    const { client, asked } = setUp({ http: { field: "username", gate }, client: { field: "username" } });
    expect(await client.request({ identifier: "ada@example.com", captcha: "solved" })).toMatchObject({
      ok: true,
    });
    expect(await asked[0]!.json()).toEqual({ username: "ada@example.com", captcha: "solved" });
    expect(await client.request({ identifier: "ada@example.com" })).toEqual({
      ok: false,
      code: "vetoed",
      message: "We can't reset this password right now. Try again later, or contact support.",
    });
  });
});

describe("a failure", () => {
  it("of a field says which, and why", async () => {
    const { client } = setUp();
    expect(await client.request({ identifier: "ada" })).toEqual({
      ok: false,
      code: "invalid_input",
      message: "Enter a valid email address.",
      fields: { email: ["Enter a valid email address."] },
    });
  });

  it("of a password says why, in the visitor's language", async () => {
    const { client, ask } = setUp({ headers: { "accept-language": "de" } });
    const { token } = await ask("ada@example.com");
    const outcome = await client.confirm({ token, password: "short" });
    expect(outcome).toEqual({
      ok: false,
      code: "weak_password",
      message: expect.stringMatching(/ 8 /),
      problems: [expect.stringMatching(/^Verwenden Sie mindestens/)],
    });
  });

  it("of a throttle says how long to wait", async () => {
    const { client } = setUp({ engine: { throttles: { request: [{ by: "ip", max: 1, per: "1h" }] } } });
    await client.request({ identifier: "ada@example.com" });
    expect(await client.request({ identifier: "ada@example.com" })).toEqual({
      ok: false,
      code: "throttled",
      message: "Too many requests. Try again in 60 minutes.",
      retryAfter: 3_600,
    });
  });

  it("of the server's database is one that passes", async () => {
    const { client, ask, users } = setUp();
    const { token } = await ask("ada@example.com");
    users.findById = () => Promise.reject(new Error("connection lost"));
    expect(await client.validate({ token })).toMatchObject({ ok: false, code: "unavailable", retryAfter: 1 });
  });

  it("of an account is told where the server tells it", async () => {
    const { client } = setUp({ engine: { revealUnknown: true } });
    const outcome = await client.request({ identifier: "nobody@example.com" });
    expect(outcome).toMatchObject({ code: "unknown_account", fields: { email: [expect.any(String)] } });
  });

  it.each<[string, () => Promise<Response>]>([
    ["no answer", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["the page of a single-page application", async () => new Response("<!doctype html>", { status: 200 })],
    ["the page of a proxy", async () => new Response("<h1>Bad Gateway</h1>", { status: 502 })],
    ["another API's success", async () => Response.json({ status: "ok" })],
    ["another API's error", async () => Response.json({ code: "BAD_GATEWAY" }, { status: 502 })],
    ["null", async () => Response.json(null)],
  ])("is what %s comes to", async (_what, send) => {
    const client = createClient({ baseUrl: `${site}/api`, fetch: send as typeof fetch });
    expect(await client.request({ identifier: "ada@example.com" })).toEqual({
      ok: false,
      code: "unreachable",
      message: "Couldn't reach the server. Check your connection and try again.",
    });
  });

  it("has one of the codes of the server, or is unreachable", () => {
    expectTypeOf<Failure["code"]>().toEqualTypeOf<ErrorCode | "unreachable">();
    expectTypeOf<Extract<Failure, { code: "weak_password" }>["problems"]>().toEqualTypeOf<
      readonly string[]
    >();
  });
});

describe("a call", () => {
  it.each([
    ["/api/password_reset", `${site}/api/password_reset/confirm/`],
    ["/api/password_reset/", `${site}/api/password_reset/confirm/`],
    ["/", `${site}/confirm/`],
    ["https://api.example.com/reset", "https://api.example.com/reset/confirm/"],
  ])("with the base %s goes to %s", async (baseUrl, url) => {
    const { client, asked } = setUp({ client: { baseUrl } });
    await client.confirm({ token: "x", password: "y" });
    expect(asked[0]!.url).toBe(url);
  });

  it("cannot be made without a base", () => {
    expect(() => createClient({ baseUrl: "" })).toThrow(
      'baseUrl is missing. Pass the path of the API, such as "/api/password_reset".',
    );
  });
});

describe("over a connection", () => {
  let server: Server;
  let origin: string;
  const kit = makeKit();

  beforeAll(async () => {
    const api = nodeListener(createHandler(kit.reset, { log: kit.log }));
    server = createServer((req, res) => api(req, res, () => void res.end("<h1>A front end</h1>")));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => void server.close());

  it("works in Node, with the fetch that is there", async () => {
    const client = createClient({ baseUrl: `${origin}/api/password_reset` });
    const { token } = await kit.ask("ada@example.com");
    expect(await client.validate({ token })).toEqual({ ok: true, reveals: {} });
    expect(await client.validate({ token: "x" })).toMatchObject({ ok: false, code: "invalid_token" });
  });

  it("rejects with the reason where its signal ends a call", async () => {
    const client = createClient({ baseUrl: `${origin}/api/password_reset` });
    const gone = new Error("the visitor went on");
    const call = client.validate({ token: "x" }, { signal: AbortSignal.abort(gone) });
    await expect(call).rejects.toBe(gone);
  });

  it("works in Chromium, as a path on the page's own site", async () => {
    const { outputFiles } = await build({
      entryPoints: ["src/client.ts"],
      bundle: true,
      format: "iife",
      globalName: "resetkit",
      write: false,
    });
    const { token } = await kit.ask("ada@example.com");
    const browser = await startChromium();
    try {
      const page = await browser.newPage();
      await page.goto(origin);
      await page.addScriptTag({ content: outputFiles[0]!.text });
      const outcomes = await page.evaluate(async (good) => {
        const { resetkit } = globalThis as unknown as { resetkit: { createClient: typeof createClient } };
        const client = resetkit.createClient({ baseUrl: "/api/password_reset" });
        return [await client.validate({ token: good }), await client.validate({ token: "x" })];
      }, token);
      expect(outcomes).toEqual([
        { ok: true, reveals: {} },
        { ok: false, code: "invalid_token", message: expect.any(String) },
      ]);
    } finally {
      await browser.close();
    }
  });
});
