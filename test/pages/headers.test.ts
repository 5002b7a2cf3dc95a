import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ResetError, type ErrorCode } from "../../src/errors.js";
import { htmlPages } from "../../src/pages/pages.js";
import type { HttpRequest, PasswordReset } from "../../src/types.js";
import { makeKit } from "../kit.js";
import { browse, site, type Answer } from "./browse.js";

const kit = makeKit();

/** Pages on an engine that answers every call with one error. */
function failingWith(code: ErrorCode, retryAfter?: number) {
  const fail = () => Promise.reject(new ResetError(code, retryAfter === undefined ? {} : { retryAfter }));
  const reset: PasswordReset = { ...kit.reset, request: fail, confirm: fail };
  return browse(htmlPages(reset, { baseUrl: site, codes: true, log: kit.log }));
}

const handler = htmlPages(kit.reset, { baseUrl: site, codes: true });
const form = "application/x-www-form-urlencoded";

/** Every status that the pages have, on the routes that have it. */
const cases: readonly (readonly [string, number, () => Promise<Answer>])[] = [
  ["the ask page", 200, () => browse(handler).get("/forgot-password")],
  ["HEAD", 200, () => browse(handler).send("HEAD", "/forgot-password", {})],
  ["the sent page", 200, () => browse(handler).get("/forgot-password/sent")],
  ["the code page", 200, () => browse(handler).get("/reset-password/code")],
  ["the done page", 200, () => browse(handler).get("/reset-password/done")],
  ["the choose page", 200, async () => browse(handler).open((await kit.ask("ada@example.com")).url)],
  ["a link", 303, () => browse(handler).get("/reset-password/abc")],
  ["the well-known address", 303, () => browse(handler).get("/.well-known/change-password")],
  ["a request", 303, () => asked(browse(handler), "ada@example.com")],
  ["no address", 400, () => asked(browse(handler), "nonsense")],
  ["a broken form", 400, () => raw("/forgot-password", form, "email=%zz")],
  ["too many fields", 400, () => raw("/forgot-password", form, "a=b&".repeat(30))],
  ["a strange form", 403, () => browse(handler).post("/forgot-password", { email: "ada@example.com" })],
  ["a veto", 403, () => asked(failingWith("vetoed"), "ada@example.com")],
  ["no ticket", 404, () => browse(handler).get("/reset-password")],
  [
    "a ticket that is over",
    404,
    () => browse(handler).get("/reset-password", { cookie: "__Host-resetkit=x" }),
  ],
  ["no cookies", 400, () => browse(handler).get("/reset-password?from=link")],
  ["a post without a ticket", 400, () => browse(handler).post("/reset-password", {})],
  ["a path that is nobody's", 404, () => browse(handler).get("/nowhere")],
  ["DELETE", 405, () => browse(handler).send("DELETE", "/forgot-password", {})],
  ["OPTIONS", 405, () => browse(handler).send("OPTIONS", "/forgot-password", {})],
  ["a post to a link", 405, () => browse(handler).post("/reset-password/abc", {})],
  ["a post to the sent page", 405, () => browse(handler).post("/forgot-password/sent", {})],
  ["a large body", 413, () => raw("/forgot-password", form, `email=${"a".repeat(20_000)}`)],
  ["JSON", 415, () => raw("/forgot-password", "application/json", `{"email":"ada@example.com"}`)],
  ["plain text", 415, () => raw("/forgot-password", "text/plain", "email=ada@example.com")],
  ["multipart", 415, () => raw("/forgot-password", "multipart/form-data; boundary=x", "--x--")],
  ["UTF-16", 415, () => raw("/forgot-password", `${form}; charset=utf-16`, "email=x")],
  ["too many requests", 429, () => asked(failingWith("throttled", 300), "ada@example.com")],
  ["a bug", 500, () => asked(failingWith("internal"), "ada@example.com")],
  ["an outage", 503, () => asked(failingWith("unavailable"), "ada@example.com")],
];

async function asked(visitor: ReturnType<typeof browse>, email: string): Promise<Answer> {
  return visitor.submit(await visitor.get("/forgot-password"), { email });
}

function raw(path: string, type: string, body: string): Promise<Answer> {
  return browse(handler).send("POST", path, { "content-type": type }, body);
}

describe("the headers of every answer", () => {
  it.each(cases)("%s: %i, and all of them", async (_name, status, run) => {
    const { headers, status: got } = await run();
    expect(got).toBe(status);
    const shown = Object.fromEntries(headers);
    expect(shown["content-security-policy"]).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(shown).toMatchObject({
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "permissions-policy": "camera=(), microphone=(), geolocation=()",
      "x-robots-tag": "noindex",
      "strict-transport-security": "max-age=31536000",
    });
    expect(Object.keys(shown).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    if (status !== 303) expect(shown["content-type"]).toBe("text/html; charset=utf-8");
    if (status === 405) expect(shown["allow"]).toMatch(/^GET, HEAD(?:, POST)?$/);
    if (status === 429) expect(shown["retry-after"]).toBe("300");
    if (status === 503) expect(shown["retry-after"]).toBe("5");
  });

  it.each(cases.filter(([, status]) => status >= 400))(
    "%s: %i, with a way to request a reset and one to sign in",
    async (_name, _status, run) => {
      const { page } = await run();
      const ways = page
        .querySelectorAll("main a, form")
        .map((one) => one.getAttribute("href") ?? one.getAttribute("action"));
      expect(ways).toEqual(expect.arrayContaining(["/forgot-password", "/login"]));
    },
  );

  it("are there when the body comes too slowly", async () => {
    const request: HttpRequest = {
      method: "POST",
      path: "/forgot-password",
      query: "",
      header: (name) => (name === "content-type" ? form : undefined),
      body: () => Promise.reject(new ResetError("body_timeout")),
    };
    const answer = await handler.plain(request);
    expect(answer!.status).toBe(408);
    expect(answer!.headers["cache-control"]).toBe("no-store");
  });

  it("allow the one style sheet that is in the page, by its hash", async () => {
    const own = htmlPages(kit.reset, { baseUrl: site, style: ":root { --accent: #0a6b4f }" });
    for (const pages of [handler, own]) {
      const { page, headers } = await browse(pages).get("/forgot-password");
      const style = page.querySelector("style")!.innerHTML;
      const hash = createHash("sha256").update(style).digest("base64");
      expect(headers.get("content-security-policy")).toContain(`style-src 'sha256-${hash}'`);
      expect(page.querySelectorAll("style")).toHaveLength(1);
      expect(page.querySelectorAll("[style], link, script, img, iframe, base")).toEqual([]);
    }
  });
});
