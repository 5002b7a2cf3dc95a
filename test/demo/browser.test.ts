import axe from "axe-core";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pictures, startChromium } from "../servers/chromium.js";
import { type DemoProcess, startDemo, temporaryFolder } from "./process.js";
import { firstPassword, visitor } from "./visitor.js";

const password = "thunder marmalade quay";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let demo: DemoProcess;
let browser: Browser;
let page: Page;
const foreign: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  folder = await temporaryFolder();
  demo = await startDemo(folder.path);
  browser = await startChromium();
  page = await newVisitor();
});

afterAll(async () => {
  await browser.close();
  await demo.stop();
  await folder.remove();
});

async function newVisitor(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 } });
  const visitor = await context.newPage();
  visitor.setDefaultTimeout(10_000);
  visitor.on("request", (request) => {
    if (!request.url().startsWith(`${demo.url}/`)) foreign.push(request.url());
  });
  visitor.on("console", (message) => {
    // A page that says no is told to the console as well.
    if (message.type() === "error" && !/status of 40[14]/.test(message.text()))
      complaints.push(message.text());
  });
  return visitor;
}

const picture = (name: string) =>
  page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true, caret: "initial" });
const heading = () => page.locator("h1").innerText();
const click = (name: string) => page.getByRole("main").getByRole("link", { name, exact: true }).click();

/** What is typed before a field has the focus is lost. */
const focused = (visitor: Page, field: string) => visitor.locator(`${field}:focus`).waitFor();

/**
 * What axe finds, without its package for Playwright: that one waits for a script to end in every frame, and none ever does
 * in the sandboxed frame of an email.
 */
async function violations(visitor: Page): Promise<string[][]> {
  await visitor.evaluate(axe.source);
  const found = await visitor.evaluate("axe.run(document, { iframes: false })");
  return (found as axe.AxeResults).violations.map(({ id, nodes }) => [id, nodes[0]?.html ?? ""]);
}

async function logIn(visitor: Page, email: string, secret: string): Promise<void> {
  await visitor.goto(`${demo.url}/login`);
  await focused(visitor, "input");
  await visitor.keyboard.type(email);
  await visitor.keyboard.press("Tab");
  await visitor.keyboard.type(secret);
  await visitor.keyboard.press("Enter");
  await visitor.waitForLoadState();
}

let thief: Page;

it("somebody else is logged in as Ada", async () => {
  thief = await newVisitor();
  await logIn(thief, "ada@example.com", firstPassword);
  await expect.poll(() => thief.locator("h1").innerText()).toBe("You're signed in");
});

it("a visitor finds the way from the start page, and asks by keyboard", async () => {
  await page.goto(demo.url);
  await picture("demo-start");
  await click("Request a reset");
  await focused(page, "input[type=email]");
  await page.keyboard.type("ada@example.com");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Check your inbox" }).waitFor();
  await visitor(demo.url).resetMails("ada@example.com");
});

it("finds the mail in the inbox, as text and as HTML", async () => {
  await page.goto(demo.url);
  await click("inbox");
  expect(await page.locator("article").count()).toBe(1);
  const frame = page.frameLocator("iframe");
  await frame.locator("a").first().waitFor();
  await picture("demo-inbox");
});

it("opens the link of the HTML mail by mouse, and the token leaves the address bar", async () => {
  await page.frameLocator("iframe").locator("a").first().click();
  await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
  expect(page.url()).toBe(`${demo.url}/reset-password?from=link`);
});

it("chooses a new password by keyboard", async () => {
  await picture("demo-choose");
  await focused(page, "input[type=password]");
  await page.keyboard.type(password);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your password is saved" }).waitFor();
  await picture("demo-done");
});

it("logs in with the new password, and not with the old one", async () => {
  await click("Sign in");
  await page.waitForURL(`${demo.url}/login`);
  await logIn(page, "ada@example.com", firstPassword);
  expect(await page.getByRole("alert").innerText()).toBe("Incorrect email or password.");
  await expect.poll(heading).toBe("Sign in");
  await logIn(page, "ada@example.com", password);
  await expect.poll(heading).toBe("You're signed in");
  expect(await page.getByRole("main").innerText()).toContain("ada@example.com");
});

it("has ended the session of the other one", async () => {
  await thief.goto(demo.url);
  expect(await thief.getByRole("main").innerText()).toContain("You aren't signed in.");
});

it("finds the link used up, in the text of the mail too", async () => {
  await page.goto(`${demo.url}/inbox`);
  await page.getByText("Plain text").last().click();
  await page.locator('pre a[href*="/reset-password/"]').click();
  await page.getByRole("heading", { name: "This link no longer works" }).waitFor();
});

it("logs out", async () => {
  await page.goto(demo.url);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You aren't signed in.").waitFor();
});

it.each(["light", "dark"] as const)(
  "sees pages without a fault that axe knows, in the %s",
  async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    for (const path of ["/", "/inbox", "/login", "/nothing"]) {
      await page.goto(demo.url + path);
      expect((await violations(page)).map((found) => [path, ...found])).toEqual([]);
    }
  },
);

it("sees the links and the queue of the demo on the admin pages", async () => {
  await page.goto(demo.url);
  await click("admin pages");
  await page.getByRole("heading", { name: "Reset links" }).waitFor();
  await page.getByRole("textbox", { name: "Find an account" }).fill("ada@example.com");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "ada@example.com" }).waitFor();
  await page.getByRole("button", { name: "Send a reset link" }).click();
  expect(await page.getByRole("status").innerText()).toContain("is in the queue");
  await visitor(demo.url).resetMails("ada@example.com", 2);
  await page.goto(`${demo.url}/admin/queue`);
  await expect.poll(heading).toBe("Queue");
});

it("has loaded nothing from elsewhere, and no page broke its own policy", () => {
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
});
