import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeListener } from "../../src/adapters/node.js";
import { adminPages } from "../../src/pages/admin.js";
import type { AdminAction } from "../../src/types.js";
import { makeKit, people, type Kit } from "../kit.js";
import { pictures, startChromium } from "../servers/chromium.js";
import { sampleOf } from "../sample.js";

let browser: Browser;
let server: Server;
let base: string;
let kit: Kit;
let isMailServerDown = false;
const acts: AdminAction[] = [];
const agent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";

beforeAll(async () => {
  browser = await startChromium();
  await mkdir(pictures, { recursive: true });
  let handler: RequestListener = () => undefined;
  server = createServer((req, res) => handler(req, res)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const emails = [
    "ada@example.com",
    "grace@example.com",
    ...Array.from({ length: 24 }, (_, index) => `user${index}@example.com`),
  ];
  kit = makeKit(
    {
      deliver: () => {
        if (isMailServerDown) throw new Error("connect ECONNREFUSED 127.0.0.1:587");
      },
    },
    people(...emails),
  );
  for (const identifier of emails) {
    await kit.reset.request({ identifier }, { ip: "192.0.2.7", userAgent: agent });
    await kit.reset.drain();
    kit.clock.now += 60_000;
  }
  kit.reset.on("adminAction", (act) => void acts.push(act));
  handler = nodeListener(
    adminPages(kit.reset, {
      baseUrl: base,
      appName: "Example",
      authorize: (request) => request.headers.cookie?.includes("session=olga") && { name: "olga" },
    }),
  );
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function inBrowser(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  await context.addCookies([{ name: "session", value: "olga", url: base }]);
  try {
    await use(await context.newPage());
  } finally {
    await context.close();
  }
}

async function go(page: Page, act: () => Promise<unknown>): Promise<void> {
  await Promise.all([page.waitForEvent("load"), act()]);
}

const heading = (page: Page) => page.locator("h1").innerText();

describe("an administrator", () => {
  it("finds an account, sends a link and revokes it, by keyboard and without JavaScript", async () => {
    await inBrowser({ javaScriptEnabled: false }, async (page) => {
      await page.goto(`${base}/admin`);
      expect(await heading(page)).toBe("Reset links");
      await page.locator("#account").focus();
      await page.keyboard.type("ada@example.com");
      await go(page, () => page.keyboard.press("Enter"));
      expect(await heading(page)).toBe("ada@example.com");
      expect(page.url()).not.toContain("ada");
      await page.getByRole("button", { name: "Send a reset link" }).focus();
      await go(page, () => page.keyboard.press("Enter"));
      expect(await page.getByRole("status").innerText()).toContain("is in the queue");
      await kit.reset.drain();
      await page.getByRole("button", { name: "Revoke all links" }).focus();
      await go(page, () => page.keyboard.press("Enter"));
      expect(await page.getByRole("status").innerText()).toContain("were revoked");
      expect(await page.getByRole("heading", { level: 2 }).innerText()).toBe("0 valid links");
    });
    expect(acts.map(({ action, by }) => [action, by])).toEqual([
      ["issue", "olga"],
      ["revoke", "olga"],
    ]);
  });

  it("drops an entry that fails, after a page that says what that means", async () => {
    isMailServerDown = true;
    await kit.reset.issueFor((await kit.users.findById(2, {})) as never);
    await kit.reset.drain();
    isMailServerDown = false;
    await inBrowser({ javaScriptEnabled: false }, async (page) => {
      await page.goto(`${base}/admin`);
      await go(page, () => page.getByRole("link", { name: "Queue" }).click());
      expect(await page.getByRole("main").innerText()).toContain("ECONNREFUSED");
      await go(page, () => page.getByRole("link", { name: "Drop this entry" }).click());
      await go(page, () => page.getByRole("button", { name: "Drop it" }).click());
      expect(await page.getByRole("main").innerText()).toContain("The queue is empty.");
    });
    expect(acts.at(-1)).toMatchObject({ action: "drop", kind: "issue" });
  });

  it("without a session sees a page that isn't there", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    expect((await page.goto(`${base}/admin`))!.status()).toBe(404);
    await context.close();
  });
});

const settings = [
  ["German on a phone", { colorScheme: "light", locale: "de-DE", viewport: { width: 320, height: 640 } }],
  ["dark", { colorScheme: "dark" }],
] as const;

describe.each(sampleOf(settings, 1))("in %s", (name, options) => {
  it("every page passes axe, runs no script, breaks no policy, and fits", async () => {
    isMailServerDown = true;
    await kit.reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.7", userAgent: agent });
    await kit.reset.drain();
    isMailServerDown = false;
    kit.clock.now += 120_000;
    const [entry] = await queueIds();
    // Axe is a script that is put into the page, which the policy would not let run.
    await inBrowser({ ...options, bypassCSP: true }, async (page) => {
      for (const [what, path] of [
        ["links", "/admin"],
        ["account", "/admin/account?user=n%3A4&done=sent"],
        ["queue", "/admin/queue"],
        ["drop", `/admin/queue/drop?id=${entry}`],
        ["gone", "/admin/account?user=n%3A999"],
      ]) {
        await page.goto(base + path);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${what}: ${id} at ${nodes[0]?.html}`)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what).toBe(true);
        expect(await page.locator("script").count()).toBe(0);
        await page.screenshot({
          path: join(pictures, `admin-${what}.${name.split(" ")[0]}.png`),
          fullPage: true,
        });
      }
    });
    await inBrowser(options, async (page) => {
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      await page.goto(`${base}/admin`);
      // The style got past the policy.
      expect(
        await page
          .locator("button")
          .first()
          .evaluate((one) => getComputedStyle(one).borderRadius),
      ).toBe("10px");
      expect(complaints).toEqual([]);
    });
  });
});

async function queueIds(): Promise<string[]> {
  const response = await fetch(`${base}/admin/queue`, { headers: { cookie: "session=olga" } });
  return [...(await response.text()).matchAll(/drop\?id=([\da-f]{32})/g)].map(([, id]) => id!);
}
