import { parse } from "node-html-parser";
import { describe, expect, it } from "vitest";
import { createHandler } from "../../src/http/handler.js";
import { en } from "../../src/locales/en.js";
import { htmlPages } from "../../src/pages/pages.js";
import { makeKit, people } from "../kit.js";
import { languages } from "./languages.js";

const site = "https://example.com";
const { reset } = makeKit({}, people("ada@example.com"));
const pages = htmlPages(reset, { baseUrl: site, codes: true, locales: languages });
const api = createHandler(reset, { locales: languages });
const get = (path: string, language?: string) =>
  pages(new Request(site + path, { headers: language ? { "accept-language": language } : {} }));
const confirm = (handler: typeof api, language?: string, accept = "application/json") =>
  handler(
    new Request(`${site}/api/password_reset/confirm/`, {
      method: "POST",
      headers: {
        accept,
        "content-type": "application/json",
        ...(language && { "accept-language": language }),
      },
      body: JSON.stringify({ token: "x".repeat(43), password: "" }),
    }),
  );

describe.each(languages.map((language) => [language.tag, language] as const))("%s", (tag, language) => {
  it.each([
    ["/forgot-password", language.pages.ask.title],
    ["/forgot-password/sent", language.pages.sent.title],
    ["/reset-password/code", language.pages.code.title],
    ["/reset-password", language.pages.over.title],
    ["/reset-password/done", language.pages.done.title],
    ["/nowhere", language.pages.refused.title],
  ])("has the page %s, in its direction", async (path, title) => {
    const response = await get(path, `${tag}, en;q=0.5`);
    const page = parse(await response.text());
    expect(page.querySelector("h1")!.text).toBe(title);
    expect(page.querySelector("title")!.text).toContain(title);
    expect(page.querySelector("html")!.attributes).toEqual({
      lang: tag,
      ...(language.direction && { dir: language.direction }),
    });
    expect(response.headers.get("vary")).toBe("Accept-Language");
  });

  it("is what the API answers, also in problem details", async () => {
    for (const accept of ["application/json", "application/problem+json"]) {
      const response = await confirm(api, tag, accept);
      const body = await response.json();
      expect(body.errors ?? body).toEqual({ password: [language.api.fields.blank] });
      expect(response.headers.get("vary")).toBe("Accept, Accept-Language");
    }
  });
});

describe("a page from right to left", () => {
  it("has its email addresses and codes from left to right, and no spaced letters", async () => {
    const page = parse(await (await get("/reset-password/code", "ar")).text());
    expect(page.querySelectorAll("[dir]").map(({ id, tagName }) => id || tagName)).toEqual([
      "HTML",
      "email",
      "code",
    ]);
    expect(page.querySelector("style")!.text).toContain('[dir="rtl"] h1');
  });
});

describe("without locales", () => {
  it("nothing is as if there were any: no Vary, no direction, no other language", async () => {
    const plain = htmlPages(reset, { baseUrl: site });
    const response = await plain(
      new Request(`${site}/forgot-password`, { headers: { "accept-language": "fr, de;q=0.5" } }),
    );
    const text = await response.text();
    expect(text).toContain(en.pages.ask.title);
    expect(text).not.toMatch(/dir=|rtl/);
    expect(response.headers.has("vary")).toBe(false);
    const answer = await confirm(createHandler(reset), "fr");
    expect(answer.headers.get("vary")).toBe("Accept");
    expect(await answer.json()).toEqual({ password: [en.api.fields.blank] });
  });
});

describe("of several languages that a client accepts", () => {
  it("the one it likes best of those that are there is used, for pages and for the email", async () => {
    const seen: (string | undefined)[] = [];
    const kit = makeKit({}, people("ada@example.com"));
    const handler = createHandler(kit.reset, { locales: languages });
    const body = JSON.stringify({ email: "ada@example.com" });
    await handler(
      new Request(`${site}/api/password_reset/`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "accept-language": "ko, tr;q=0.2, pt-PT;q=0.8, fr;q=0",
        },
        body,
      }),
    );
    await kit.reset.drain();
    seen.push(...kit.mails.map(({ locale }) => locale));
    expect(seen).toEqual(["pt-PT"]);
    const page = await (await get("/forgot-password", "ko, tr;q=0.2, pt-PT;q=0.8, fr;q=0")).text();
    expect(page).toContain('<html lang="pt-BR">');
  });
});
