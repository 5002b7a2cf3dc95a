import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { build } from "esbuild";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
// @ts-expect-error -- a plain script, without types of its own
import { entries } from "../../scripts/registry.mjs";
import { readFileSync } from "node:fs";
import { nodeListener } from "../../src/adapters/node.js";
import { randomNumber } from "../../src/tokens/generators.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { ResetMessage } from "../../src/types.js";
import { length } from "../../src/validators/length.js";
import { goodPassword, makeKit, people, type Kit, type Person } from "../kit.js";
import { startChromium } from "../servers/chromium.js";
import { sampleOf } from "../sample.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
let browser: Browser;
let server: Server;
let base: string;
let kit: Kit;
/** Paths that the API answers only when it's told to. */
let held: Promise<void> | undefined;

const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reset</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>:root { background: Canvas; color: CanvasText } body { margin: 0; font-family: sans-serif } input { min-width: 0; width: 100% } .sr-only { position: absolute; left: -9999px }
svg { width: 20px } section { padding: 1rem } .flex { display: flex } [role=alert]:empty { display: none }</style></head>
<body><main></main><script type="module" src="/app.js"></script></body></html>`;

beforeAll(async () => {
  const bundle = build({
    entryPoints: [fileURLToPath(new URL("app.tsx", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    alias: { "resetkit/react": `${root}/src/react/hooks.ts`, "resetkit/client": `${root}/src/client.ts` },
    tsconfigRaw: {},
    logLevel: "error",
  });
  browser = await startChromium();
  const script = (await bundle).outputFiles[0]!.text;
  const accounts = people("ada@example.com", "grace@example.com", "linus@example.com");
  kit = makeKit(
    {
      tokens: storedTokens({ generator: randomNumber({ min: 10_000_000, max: 99_999_999 }) }),
      url: "http://127.0.0.1/reset-password/{token}",
      maxLive: 20,
      validators: [length({ min: 8 })],
      secondFactor: {
        required: (user) => user.email.startsWith("grace"),
        verify: (_user: Person, answer) => answer === "123456",
      },
    },
    accounts,
  );
  const api = nodeListener(kit.reset);
  server = createServer((request, response) => {
    const send = (type: string, text: string) => response.setHeader("content-type", type).end(text);
    const rest = () =>
      request.url === "/app.js" ? send("text/javascript", script) : send("text/html; charset=utf-8", page);
    if (request.url!.startsWith("/api/")) void Promise.resolve(held).then(() => api(request, response, rest));
    else rest();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function inBrowser(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 40\d/.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  try {
    await use(page);
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
  }
}

const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true }).waitFor();

async function mailTo(email: string): Promise<ResetMessage<Person>> {
  await kit.reset.drain();
  return kit.mails.findLast(
    (mail) => mail.address === email && mail.kind === "reset",
  ) as ResetMessage<Person>;
}

/** Tokens carry characters of base64url alone. */
const linkOf = ({ token }: ResetMessage<Person>) => `${base}/reset-password/${token}`;

async function look(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id} at ${nodes[0]?.html}`)).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
}

const settings = [
  ["dark, 320 px", { colorScheme: "dark", viewport: { width: 320, height: 640 } }],
  ["light", {}],
] as const;

describe.each(sampleOf(settings, 1))("the forms of the registry, %s", (_name, options) => {
  it("request, sent, choose with live rules and an eye, done, by keyboard", async () => {
    await inBrowser(options, async (page) => {
      await page.goto(`${base}/forgot-password`);
      await heading(page, "Forgot your password?");
      await look(page);
      await page.getByLabel("Email").focus();
      await page.keyboard.type("nonsense");
      await page.keyboard.press("Enter");
      await page.getByText("Enter a valid email address.").waitFor();
      expect(await page.getByLabel("Email").getAttribute("aria-invalid")).toBe("true");
      await look(page);
      await page.getByLabel("Email").fill("ada@example.com");
      await page.keyboard.press("Enter");
      await heading(page, "Check your inbox");
      // Screen readers are where the news is.
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Check your inbox");
      await look(page);

      await page.goto(linkOf(await mailTo("ada@example.com")));
      await heading(page, "Choose a new password");
      expect(page.url()).toBe(`${base}/reset-password`);
      const field = page.getByLabel("New password");
      await field.fill("1234");
      expect(await page.locator("[data-met=true]").count()).toBe(0);
      await page.keyboard.press("Enter");
      await page.getByText("Use at least 8 characters.").waitFor();
      await look(page);
      await field.fill(goodPassword);
      expect(await page.locator("[data-met=true]").count()).toBe(2);
      await page.getByRole("button", { name: "Show password" }).press("Space");
      expect(await field.getAttribute("type")).toBe("text");
      await field.press("Enter");
      await heading(page, "Your password is saved");
      expect(kit.passwordOf(1)).toBe(goodPassword);
      await look(page);
    });
    // Axe takes ten seconds for a page on a machine that is busy with other tests.
  }, 180_000);

  it("second factor: asked for after the password, wrong once, then done", async () => {
    await kit.reset.request({ identifier: "grace@example.com" });
    await inBrowser(options, async (page) => {
      await page.goto(linkOf(await mailTo("grace@example.com")));
      await page.getByLabel("New password").fill(goodPassword);
      await page.keyboard.press("Enter");
      await heading(page, "Confirm it's you");
      const field = page.getByLabel("Code from your authenticator app");
      // Not the field of the password, with what was typed there.
      expect(await field.inputValue()).toBe("");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Confirm it's you");
      await field.fill("000000");
      await field.press("Enter");
      await expect.poll(() => field.getAttribute("aria-invalid")).toBe("true");
      await look(page);
      await field.fill("123456");
      await field.press("Enter");
      await heading(page, "Your password is saved");
    });
  }, 120_000);
});

it("a code instead of the link: wrong, then right, and on to the password", async () => {
  await inBrowser({}, async (page) => {
    await page.goto(`${base}/forgot-password`);
    await page.getByLabel("Email").fill("linus@example.com");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Enter the code instead" }).click();
    await heading(page, "Enter your code");
    await look(page);
    const { code } = await mailTo("linus@example.com");
    await page.getByLabel("Code").fill(code === "12345678" ? "87654321" : "12345678");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("invalid or has expired").waitFor();
    await page.getByLabel("Code").fill(code!);
    await page.keyboard.press("Enter");
    await page.getByLabel("New password").fill(goodPassword);
    await page.keyboard.press("Enter");
    await heading(page, "Your password is saved");
    expect(kit.passwordOf(3)).toBe(goodPassword);
  });
});

it("a dead link says so, and leads to a new one", async () => {
  await inBrowser({}, async (page) => {
    await page.goto(`${base}/reset-password/${"x".repeat(43)}`);
    await page.getByLabel("New password").fill(goodPassword);
    await page.keyboard.press("Enter");
    await heading(page, "This link no longer works");
    expect(await page.getByRole("link", { name: "Request a new link" }).getAttribute("href")).toBe(
      "/forgot-password",
    );
    await look(page);
  });
});

it("a second submit is ignored while the first is under way, and leaving the page ends it", async () => {
  let release = () => {};
  held = new Promise((resolve) => (release = resolve));
  await inBrowser({}, async (page) => {
    const calls: string[] = [];
    page.on("request", (request) => request.method() === "POST" && calls.push(request.url()));
    await page.goto(`${base}/forgot-password`);
    await page.getByLabel("Email").fill("ada@example.com");
    await page.keyboard.press("Enter");
    await page.locator("[aria-disabled=true]").waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    expect(calls).toHaveLength(1);
    release();
    await heading(page, "Check your inbox");
  });
  held = undefined;
});

it("the registry's entries are made of these sources (node scripts/registry.mjs)", () => {
  for (const [name, entry] of Object.entries(entries as Record<string, { items?: unknown[] }>)) {
    expect(JSON.parse(readFileSync(`${root}/registry/${name}`, "utf8")), name).toEqual(entry);
  }
});
