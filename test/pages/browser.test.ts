import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nodeListener } from "../../src/adapters/node.js";
import { htmlPages } from "../../src/pages/pages.js";
import { goodPassword, makeKit, type Kit } from "../kit.js";
import { startChromium } from "../servers/chromium.js";
import { sampleOf } from "../sample.js";

const refuseShort = (password: string) =>
  password.length < 8 ? { code: "too_short", params: { min: 8 }, message: "Too short." } : null;

let browser: Browser;
let pages: Server;
let elsewhere: Server;
let base: string;
let kit: Kit;
/** What the browser asked the site for, and what it said of where it came from. */
let log: {
  path: string;
  referer: string | undefined;
  origin: string | undefined;
  site: string | undefined;
}[];
/** What another site shows: a message with a link, or something worse. */
let strangePage = "";

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  browser = await startChromium();
  let handler: RequestListener = () => undefined;
  pages = await listen((req, res) => {
    const { referer, origin } = req.headers;
    log.push({ path: req.url!, referer, origin, site: req.headers["sec-fetch-site"] as string | undefined });
    if (req.url === "/login") res.end("<h1>Log in</h1>");
    else handler(req, res);
  });
  elsewhere = await listen((_req, res) => {
    res.setHeader("content-type", "text/html");
    res.end(strangePage);
  });
  base = `http://127.0.0.1:${portOf(pages)}`;
  kit = makeKit({ url: `${base}/reset-password/{token}`, validators: [refuseShort], maxLive: 20 });
  // Chromium keeps `__Host-` cookies of the loopback also without TLS, so they can be tried as they are.
  handler = nodeListener(htmlPages(kit.reset, { appName: "Example", codes: true, secure: true }));
}, 300_000);

afterAll(async () => {
  await browser?.close();
  pages?.close();
  elsewhere?.close();
});

beforeEach(() => {
  log = [];
});

async function inBrowser(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  try {
    await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Presses a key that leads to another page, and waits for that page. */
async function go(page: Page, key: string): Promise<void> {
  await Promise.all([page.waitForEvent("load"), page.keyboard.press(key)]);
}

const heading = (page: Page) => page.locator("h1").innerText();

describe("in a browser", () => {
  it("all is done by keyboard, and without JavaScript", async () => {
    await inBrowser({ javaScriptEnabled: false }, async (page) => {
      await page.goto(`${base}/forgot-password`);
      await page.locator("#email:focus").waitFor();
      await page.keyboard.type("ada@example.com");
      await go(page, "Enter");
      expect(await heading(page)).toBe("Check your inbox");
      await kit.reset.drain();
      const mail = kit.mails.at(-1) as { url: string; token: string };

      await page.goto(mail.url);
      expect(page.url()).toBe(`${base}/reset-password?from=link`);
      expect(await page.title()).toBe("Choose a new password · Example");
      await page.locator("#password:focus").waitFor();
      await page.keyboard.type("short");
      await page.keyboard.press("Tab");
      await page.keyboard.type("short");
      await go(page, "Enter");
      expect(await page.title()).toBe("Error: Choose a new password · Example");
      expect(await page.getByRole("alert").innerText()).toContain("at least 8 characters");

      await page.locator("#password:focus").waitFor();
      await page.keyboard.type(goodPassword);
      await page.keyboard.press("Tab");
      await page.keyboard.type(goodPassword);
      await page.keyboard.press("Tab");
      await go(page, "Enter");
      expect(await heading(page)).toBe("Your password is saved");
      expect(kit.passwordOf(1)).toBe(goodPassword);
      await page.keyboard.press("Tab");
      await go(page, "Enter");
      expect(page.url()).toBe(`${base}/login`);

      await page.goto(mail.url);
      expect(await heading(page)).toBe("This link no longer works");
    });
  });

  it("a link in web mail on another site works, and leaves no trace of its token", async () => {
    const { url, token } = await kit.ask("ada@example.com");
    strangePage = `<a href="${url}">Reset your password</a>`;
    await inBrowser({}, async (page) => {
      await page.goto(`http://localhost:${portOf(elsewhere)}/`);
      log = [];
      await Promise.all([page.waitForURL(`${base}/reset-password?from=link`), page.click("a")]);
      expect(await heading(page)).toBe("Choose a new password");
      expect(log.map(({ path, site }) => [path, site])).toEqual([
        [`/reset-password/${token}`, "cross-site"],
        ["/reset-password?from=link", "cross-site"],
      ]);
      expect(await page.evaluate("document.cookie + location.href + document.body.outerHTML")).not.toContain(
        token,
      );
      const cookies = await page.context().cookies();
      expect(
        cookies.map(({ name, httpOnly, secure, sameSite, path }) => ({
          name,
          httpOnly,
          secure,
          sameSite,
          path,
        })),
      ).toEqual(
        ["__Host-resetkit", "__Host-resetkit-form"].map((name) => {
          return { name, httpOnly: true, secure: true, sameSite: "Lax", path: "/" };
        }),
      );

      await page.fill("#password", goodPassword);
      await page.fill("#repeat", goodPassword);
      await Promise.all([page.waitForURL(`${base}/reset-password/done`), page.click("button")]);
      await Promise.all([page.waitForURL(`${base}/login`), page.click("a.button")]);
      // The log-in page, which is not one of ours, may ask for an icon.
      const own = log.slice(1, log.findIndex(({ path }) => path === "/login") + 1);
      expect(own.every(({ referer }) => referer === undefined)).toBe(true);
      expect(own.filter(({ origin }) => origin !== undefined)).toEqual([
        { path: "/reset-password", referer: undefined, origin: "null", site: "same-origin" },
      ]);
    });
  });

  it("the way back after success shows no form", async () => {
    const { url } = await kit.ask("ada@example.com");
    await inBrowser({}, async (page) => {
      await page.goto(url);
      await page.fill("#password", goodPassword);
      await page.fill("#repeat", goodPassword);
      await go(page, "Enter");
      expect(await heading(page)).toBe("Your password is saved");
      await page.goBack();
      expect(await heading(page)).toBe("This link no longer works");
    });
  });

  it("a form on another site does nothing here", async () => {
    strangePage = `<form method="post" action="${base}/forgot-password"><input name="email" value="ada@example.com"><button>Win</button></form>`;
    await kit.reset.drain();
    const before = kit.mails.length;
    await inBrowser({}, async (page) => {
      await page.goto(`${base}/forgot-password`);
      await page.goto(`http://localhost:${portOf(elsewhere)}/`);
      await Promise.all([page.waitForURL(`${base}/forgot-password`), page.click("button")]);
      expect(await heading(page)).toBe("This page has expired");
    });
    await kit.reset.drain();
    expect(kit.mails).toHaveLength(before);
  });

  it("no other site can put the pages into a frame", async () => {
    strangePage = `<iframe src="${base}/forgot-password"></iframe>`;
    await inBrowser({}, async (page) => {
      await page.goto(`http://localhost:${portOf(elsewhere)}/`);
      await expect.poll(() => page.frames().at(-1)!.url()).toBe("chrome-error://chromewebdata/");
    });
  });
});

// Each language and scheme: `npm run docs:pages`.
const settings = [
  ["German on a phone", { colorScheme: "light", locale: "de-DE", viewport: { width: 320, height: 640 } }],
  ["dark", { colorScheme: "dark" }],
] as const;

describe.each(sampleOf(settings, 1))("in %s", (_, options) => {
  it("every page passes axe, runs no script, breaks no policy, and fits", async () => {
    const { url } = await kit.ask("ada@example.com");
    // Axe is a script that is put into the page, which the policy would not let run.
    await inBrowser({ ...options, bypassCSP: true }, async (page) => {
      const look = async (what: string) => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${what}: ${id} at ${nodes[0]?.html}`)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
        expect(await page.locator("script").count()).toBe(0);
      };
      await page.goto(`${base}/forgot-password`);
      await look("ask");
      await page.fill("#email", "nonsense");
      await go(page, "Enter");
      await look("ask-again");
      for (const path of ["/forgot-password/sent", "/reset-password/code", "/reset-password/done"]) {
        await page.goto(base + path);
        await look(path.split("/").at(-1)!);
      }
      await page.goto(`${base}/reset-password/unknown`);
      await look("over");
      await page.context().clearCookies();
      await page.goto(`${base}/reset-password?from=link`);
      await look("no-cookies");
      await page.goto(url);
      await look("choose");
      await page.fill("#password", "short");
      await page.fill("#repeat", "short");
      await go(page, "Enter");
      await look("choose-again");
    });
  }, 120_000);

  it("the policy lets the style through, and nothing complains", async () => {
    const complaints: string[] = [];
    await inBrowser(options, async (page) => {
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(`${base}/forgot-password`);
      const corners = await page
        .locator("button")
        .evaluate((button) => getComputedStyle(button).borderRadius);
      expect(corners).toBe("10px");
    });
    expect(complaints).toEqual([]);
  });
});

describe("axe", () => {
  it("finds a label that is gone and a text that is too pale", async () => {
    await inBrowser({ bypassCSP: true }, async (page) => {
      await page.goto(`${base}/forgot-password`);
      await page.evaluate("document.querySelector('label').remove()");
      await page.addStyleTag({ content: "p { color: #ccc !important }" });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id }) => id)).toEqual(["color-contrast", "label"]);
    });
  });
});
