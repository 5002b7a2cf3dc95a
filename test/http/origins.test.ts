import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { nodeListener } from "../../src/adapters/node.js";
import { createHandler } from "../../src/http/handler.js";
import { fr } from "../../src/locales/fr.js";
import { keptLog, makeKit } from "../kit.js";
import { byPlain, json } from "./drive.js";

const path = "/api/password_reset/";
const origin = "https://app.example.com";
const shared = {
  "access-control-allow-origin": origin,
  "access-control-expose-headers": "Retry-After, reset-flow",
};

function setUp(options: Parameters<typeof createHandler>[1] = { origins: [origin] }) {
  const kit = makeKit();
  return byPlain(createHandler(kit.reset, { log: kit.log, ...options }));
}

/** The headers of a response that speak of origins. */
function sharing(headers: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control-")));
}

describe("a preflight request", () => {
  const preflight = { origin, "access-control-request-method": "POST" };

  it("from a listed origin gets all that a browser asks about, and no body", async () => {
    const answer = await setUp()({ method: "OPTIONS", path, headers: preflight });
    expect([answer.status, answer.body, answer.headers["vary"]]).toEqual([204, "", "Accept, Origin"]);
    expect(sharing(answer.headers)).toEqual({
      ...shared,
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": "content-type, accept, reset-flow",
      "access-control-max-age": "600",
    });
  });

  it("from any other origin is answered like OPTIONS without one", async () => {
    const headers = { ...preflight, origin: "https://evil.example" };
    const answer = await setUp()({ method: "OPTIONS", path, headers });
    expect(answer).toEqual(await setUp()({ method: "OPTIONS", path }));
    expect([answer.status, answer.headers["vary"], sharing(answer.headers)]).toEqual([200, "Accept", {}]);
  });
});

describe("a response to a listed origin", () => {
  it("can be read by it, and keeps its status and body", async () => {
    const { headers, body } = json({ email: "ada@example.com" });
    const answer = await setUp()({ path, headers: { ...headers, origin }, body });
    expect([answer.status, answer.body]).toEqual([200, '{"status":"OK"}']);
    expect(answer.headers["vary"]).toBe("Accept, Origin");
    expect(sharing(answer.headers)).toEqual(shared);
  });

  it("is no preflight's for a POST, whatever headers come with it", async () => {
    const { headers, body } = json({ email: "ada@example.com" });
    const all = { ...headers, origin, "access-control-request-method": "POST" };
    const answer = await setUp()({ path, headers: all, body });
    expect([answer.status, answer.body]).toEqual([200, '{"status":"OK"}']);
    expect(sharing(answer.headers)).toEqual(shared);
  });

  it("describes the endpoint for OPTIONS that asks about no method", async () => {
    const answer = await setUp()({ method: "OPTIONS", path, headers: { origin } });
    expect([answer.status, JSON.parse(answer.body).parses[0]]).toEqual([200, "application/json"]);
    expect(sharing(answer.headers)).toEqual(shared);
  });

  it("varies by the language too where there are several", async () => {
    const drive = setUp({ origins: [origin], locales: [fr] });
    const answer = await drive({ method: "OPTIONS", path, headers: { origin } });
    expect(answer.headers["vary"]).toBe("Accept, Accept-Language, Origin");
  });
});

describe("a form", () => {
  it.each<[string, number, Record<string, string>]>([
    ["sent by a page of the same origin", 200, { "sec-fetch-site": "same-origin" }],
    ["that the user opened without a page", 200, { "sec-fetch-site": "none" }],
    ["sent by another site", 403, { "sec-fetch-site": "cross-site" }],
    ["sent by a listed origin", 200, { "sec-fetch-site": "cross-site", origin }],
    ["whose origin is its own host", 200, { origin: "https://api.example.com" }],
    ["whose origin is another host", 403, { origin: "https://evil.example" }],
    ["whose origin is no address", 403, { origin: "null" }],
    ["sent by a program that reports nothing", 200, {}],
  ])("%s gets a %i", async (_, status, headers) => {
    const type = "application/x-www-form-urlencoded";
    const answer = await setUp()({
      path,
      headers: { "content-type": type, host: "api.example.com", ...headers },
      body: "email=ada@example.com",
    });
    expect(answer.status).toBe(status);
  });
});

describe("origins that cannot work", () => {
  it.each([
    [origin, `origins must be an array, such as ["${origin}"].`],
    [
      [`${origin}/`],
      `origins has "${origin}/", which isn't an origin. Use scheme and host only, such as "${origin}".`,
    ],
    [[origin, "*"], 'origins has "*", which isn\'t an origin.'],
    [[Object.create(null)], "origins has {}, which isn't an origin."],
  ])("are refused with the fix: %j", (origins, sentence) => {
    expect(() => setUp({ origins: origins as never })).toThrow(sentence);
  });
});

describe("a form that a browser sends to its own site without Sec-Fetch-Site", () => {
  const form = (headers: Record<string, string>) => ({
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", origin, ...headers },
    body: "email=ada%40example.com",
  });

  it("passes if the runtime has the host in the URL alone, as over HTTP/2", async () => {
    const handler = createHandler(makeKit().reset, { log: keptLog() });
    for (const [host, status] of [
      ["app.example.com", 200],
      ["other.example.com", 403],
    ]) {
      const response = await handler(new Request(`https://${host}${path}`, form({})));
      expect([host, response.status]).toEqual([host, status]);
    }
  });

  it("passes over Node's HTTP/2, whose requests have :authority and no host", async () => {
    const listener = nodeListener(makeKit().reset, { log: keptLog() });
    const server = createServer((request, response) => void listener(request as never, response as never));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const session = connect(`http://127.0.0.1:${port}`);
    const statusOf = (own: string) =>
      new Promise((resolve, reject) => {
        const { body, headers } = form({ origin: own });
        const stream = session.request({ ":method": "POST", ":path": path, ...headers });
        stream.on("response", (answer) => resolve(answer[":status"])).on("error", reject);
        stream.resume().end(body);
      });
    expect(await statusOf(`http://127.0.0.1:${port}`)).toBe(200);
    expect(await statusOf("https://evil.example")).toBe(403);
    session.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
