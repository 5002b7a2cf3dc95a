import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { parse } from "node-html-parser";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeListener } from "../../../src/adapters/node.js";
import { createHandler, type HandlerOptions } from "../../../src/http/handler.js";
import { goodPassword, makeKit, type Kit } from "../../kit.js";
import { pictures, startChromium } from "../../servers/chromium.js";
import { plainRequest } from "../drive.js";

const base = "/api/password_reset";

async function pageOf(options: HandlerOptions = {}, path = `${base}/docs`, mountedAt?: string) {
  const kit = makeKit();
  const handler = createHandler(kit.reset, { log: kit.log, ...options });
  const answer = await handler.plain(plainRequest({ method: "GET", path }), {}, mountedAt);
  return parse(answer!.body);
}

describe("the page", () => {
  it("has a form for each endpoint that there is, with its fields", async () => {
    const formsOf = async (options: HandlerOptions) =>
      (await pageOf(options)).querySelectorAll("form").map((form) => ({
        action: form.getAttribute("action"),
        fields: form
          .querySelectorAll("input")
          .map((input) => `${input.getAttribute("name")}${input.hasAttribute("required") ? "" : "?"}`),
      }));
    expect(await formsOf({})).toEqual([
      { action: "./", fields: ["email"] },
      { action: "./validate_token/", fields: ["token", "email?"] },
      { action: "./confirm/", fields: ["password", "token", "email?", "second_factor?"] },
    ]);
    expect(await formsOf({ only: ["confirm"], field: "username", format: "text" })).toEqual([
      { action: "./confirm/", fields: ["password", "token", "username?", "second_factor?"] },
    ]);
  });

  it("finds the way from an address with a slash at its end, too", async () => {
    const page = await pageOf({}, `${base}/docs/`);
    expect(page.querySelectorAll("form").map((form) => form.getAttribute("action"))).toEqual([
      "../",
      "../validate_token/",
      "../confirm/",
    ]);
    expect(page.querySelector('a[href$="openapi.json"]')!.getAttribute("href")).toBe("../openapi.json");
  });

  it("shows a mount that a visitor has made up as text, and leads nowhere else", async () => {
    const mount = `//evil.example/"><script>alert(1)</script>`;
    const page = await pageOf({}, `${mount}/docs`, mount);
    expect(page.querySelectorAll("script")).toHaveLength(1);
    expect(page.querySelector(".call")!.text).toContain('/evil.example/"><script>alert(1)</script>/');
    for (const link of page.querySelectorAll("[href], [action], [src]")) {
      const { href = "", action = "", src = "" } = link.attributes;
      expect(href + action + src).toMatch(/^\.\/[\w./]*$/);
    }
  });

  it("has ids that occur once", async () => {
    const ids = (await pageOf()).querySelectorAll("[id]").map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("in Chromium", () => {
  let browser: Browser;
  let server: Server;
  let site: string;
  let kit: Kit;

  beforeAll(async () => {
    browser = await startChromium();
    kit = makeKit();
    server = createServer(nodeListener(createHandler(kit.reset, { log: kit.log }))).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** Opens the page; `complaints` are what the browser writes to its console. */
  async function open(options: BrowserContextOptions = {}) {
    const page = await (await browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${site}${base}/docs`);
    return { page, complaints };
  }

  /** Fills in a form, sends it, and gives what the page shows of the answer. */
  async function tryOut(
    page: Page,
    which: number,
    fields: Readonly<Record<string, string>>,
  ): Promise<string> {
    const section = page.locator("section").nth(which);
    for (const [name, value] of Object.entries(fields))
      await section.locator(`input[name=${name}]`).fill(value);
    const button = section.locator("button");
    await button.click();
    await page.waitForFunction((it) => !(it as HTMLButtonElement).disabled, await button.elementHandle());
    return (await section.locator(".answer").textContent())!;
  }

  it("a whole reset is tried out, and the browser has nothing to complain of", async () => {
    const { page, complaints } = await open();
    const ok = '200 OK\ncontent-type: application/json\n\n{\n  "status": "OK"\n}';
    expect(await tryOut(page, 0, { email: "ada@example.com" })).toBe(ok);
    await kit.reset.drain();
    const { token } = kit.mails.at(-1) as { token: string };
    expect(await tryOut(page, 1, { token })).toBe(ok);
    expect(await tryOut(page, 2, { token, password: goodPassword })).toBe(ok);
    expect(kit.passwordOf(1)).toBe(goodPassword);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("errors are shown in either form", async () => {
    const { page } = await open();
    expect(await tryOut(page, 2, { token: "none", password: "x" })).toMatch(
      /^404 Not Found\ncontent-type: application\/json\n\n{\n {2}"detail": "This link/,
    );
    await page.locator("section").nth(2).locator("select").selectOption("application/problem+json");
    expect(await tryOut(page, 2, {})).toMatch(
      /^404 .*\ncontent-type: application\/problem\+json\n[^]*"invalid_token"/,
    );
    expect(await tryOut(page, 0, { email: "" })).toContain("This field can't be empty.");
    await page.context().close();
  });

  it("a server that is gone is told in words", async () => {
    const { page } = await open();
    await page.route("**/*", (route) => route.abort());
    expect(await tryOut(page, 0, { email: "ada@example.com" })).toMatch(/^No response: /);
    await page.context().close();
  });

  it("without script the forms post by themselves", async () => {
    const { page } = await open({ javaScriptEnabled: false });
    expect(await page.locator("select").first().isVisible()).toBe(false);
    const section = page.locator("section").first();
    await section.locator("input[name=email]").fill("ada@example.com");
    await section.locator("button").click();
    await page.waitForURL(`${site}${base}/`);
    expect(await page.locator("body").textContent()).toBe('{"status":"OK"}');
    await page.context().close();
  });

  it("no other script runs, and no other site is called", async () => {
    const { page, complaints } = await open();
    const outcome = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'mine'";
      document.body.append(script);
      const call = await fetch("https://elsewhere.example/").catch((error: Error) => error.message);
      return { title: document.title, call };
    });
    expect(outcome).toEqual({ title: "Password reset API", call: "Failed to fetch" });
    expect(complaints).toEqual([
      expect.stringContaining("script-src 'sha256-"),
      expect.stringContaining("connect-src 'self'"),
      expect.anything(),
    ]);
    await page.context().close();
  });

  it.each(["light", "dark"] as const)("everybody can use it, in %s", async (colorScheme) => {
    const { page } = await open({ colorScheme, viewport: { width: 360, height: 740 } });
    await tryOut(page, 0, { email: "nobody" });
    for (const summary of await page.locator("summary").all()) await summary.click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).toEqual([]);
    const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(wide).toBe(screen);
    await page.context().close();
  });

  it("the first endpoint fits into a picture, by day and by night", async () => {
    const images: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await open({ colorScheme, viewport: { width: 760, height: 1200 } });
      await tryOut(page, 0, { email: "ada@example" });
      const { y, height } = (await page.locator("section").first().boundingBox())!;
      expect(y + height).toBeLessThan(1200);
      const png = await page.screenshot({ clip: { x: 0, y: 0, width: 760, height: y + height + 24 } });
      images.push(`<img src="data:image/png;base64,${png.toString("base64")}">`);
      await page.context().close();
    }
    const page = await browser.newPage({ viewport: { width: 1520, height: 100 } });
    await page.setContent(`<!doctype html><body style="margin:0;display:flex">${images.join("")}`);
    await page.screenshot({ path: join(pictures, "api-docs.png"), fullPage: true });
    await page.close();
  });
});
