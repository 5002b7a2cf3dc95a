/** What people type into the pages, by Chromium, which turns some of it into something else before it's sent. */
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { nodeListener } from "../../src/adapters/node.js";
import { htmlPages, type PagesOptions } from "../../src/pages/pages.js";
import { randomNumber } from "../../src/tokens/generators.js";
import { storedTokens } from "../../src/tokens/stored.js";
import { goodPassword, makeKit, people, type Kit } from "../kit.js";
import { startChromium } from "../servers/chromium.js";
import { sampleOf } from "../sample.js";

let browser: Browser;
let server: Server;
beforeAll(async () => void (browser = await startChromium()), 300_000);
afterAll(() => browser?.close());
afterEach(() => void server.close());

async function visit(kit: Kit, options: PagesOptions = {}): Promise<{ page: Page; base: string }> {
  server = createServer(nodeListener(htmlPages(kit.reset, { secure: true, log: kit.log, ...options })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(`${base}/forgot-password`);
  return { page, base };
}

/** Types into the field that has the focus, and sends the form. */
async function send(page: Page, text: string, heading: string): Promise<void> {
  await page.locator("input:focus").waitFor();
  await page.keyboard.insertText(text);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: heading }).waitFor();
}

describe("typed into the pages in Chromium", () => {
  it("an address with an international domain gets its email", async () => {
    const kit = makeKit({}, people("info@müller.example"));
    const { page } = await visit(kit);
    await send(page, "info@müller.example", "Check your inbox");
    await kit.reset.drain();
    expect(kit.mails).toMatchObject([{ kind: "reset", address: "info@müller.example" }]);
  });

  const zeros = [
    ["Persian", 0x06f0],
    ["Arabic", 0x0660],
    ["Devanagari", 0x0966],
    ["full-width", 0xff10],
  ] as const;

  it.each(sampleOf(zeros, 1))("a code in the digits of a %s keyboard is accepted", async (_, zero) => {
    const kit = makeKit({ tokens: storedTokens({ generator: randomNumber() }) });
    const { page, base } = await visit(kit, { codes: true });
    await send(page, "ada@example.com", "Check your inbox");
    await kit.reset.drain();
    const { code } = kit.mails[0] as { code: string };
    const typed = code.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
    await page.goto(`${base}/reset-password/code`);
    await page.fill("#email", "ada@example.com");
    await page.fill("#code", `${typed.slice(0, 4)}\u200f – ${typed.slice(4)}`);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    await page.fill("#password", goodPassword);
    await page.fill("#repeat", goodPassword);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Your password is saved" }).waitFor();
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });

  it("a phone number with blanks and brackets finds its account", async () => {
    const accounts = people("ada@example.com");
    const phone = "+49151234567";
    accounts.users.normalize = (typed) => (typed.includes("@") ? typed : typed.replace(/[^\d+]/g, ""));
    accounts.users.findByIdentifier = (identifier) => (identifier === phone ? accounts.byId.get(1) : null);
    accounts.users.identifierOf = ({ email }) => [email, phone];
    const kit = makeKit({}, accounts);
    const { page } = await visit(kit, { format: "text", label: "Phone" });
    await send(page, "+49 (151) 234-567", "Check your inbox");
    await kit.reset.drain();
    expect(kit.mails).toMatchObject([{ kind: "reset", address: "ada@example.com" }]);
  });

  it("an address with an invisible character is refused in a sentence that names it", async () => {
    const kit = makeKit();
    const { page } = await visit(kit, { format: "text" });
    await send(page, "ada\u200b@example.com", "Forgot your password?");
    expect(await page.getByRole("alert").innerText()).toContain("invisible character");
  });

  it.each(sampleOf([".", "%E2%80%8B", ">", ")", "%20"], 2))(
    "a link with %s behind it works",
    async (stuck) => {
      const kit = makeKit();
      const { page, base } = await visit(kit);
      const { token } = await kit.ask("ada@example.com");
      // The engine, and so the API, takes a token only as it was sent.
      expect(await kit.reset.validate({ token: `${token}.` })).toBe(false);
      await page.goto(`${base}/reset-password/${token}${stuck}`);
      await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
      await page.fill("#password", goodPassword);
      await page.fill("#repeat", goodPassword);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Your password is saved" }).waitFor();
    },
  );
});
