import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { join } from "node:path";
import { expect } from "vitest";
import { goodPassword } from "../kit.js";
import { pictures } from "../servers/chromium.js";

export const oldPassword = "the old password";
const email = "ada@example.com";

export interface SentMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Site {
  /** Where browsers find it. */
  readonly url: string;
  /** In the order of their arrival. */
  mails(): readonly SentMail[];
}

/** Resets a password as a person does, by the mail, while an earlier session is open in another browser. */
export async function resetByHand(browser: Browser, { url, mails }: Site, name: string): Promise<void> {
  const [here, elsewhere] = await Promise.all([newPage(browser), newPage(browser)]);
  await signIn(elsewhere, url, oldPassword);
  await shows(elsewhere, `Signed in as ${email}`);

  await signIn(here, url, "a guess");
  await says(here, "Incorrect email or password.");
  await here.getByRole("link", { name: "Forgot your password?" }).click();
  await shows(here, "Forgot your password?");
  await field(here, "Email").fill(email.toUpperCase());
  await here.screenshot({ path: join(pictures, `application-${name}.png`) });
  await here.getByRole("button", { name: "Send reset link" }).click();
  await shows(here, "Check your inbox");

  await expect.poll(() => mails().length, { timeout: 20_000 }).toBe(1);
  const [mail] = mails();
  expect(mail!.to).toBe(email);
  const [link, token] = new RegExp(`^${url}/reset-password/([\\w-]{43})$`, "m").exec(mail!.text)!;
  await here.goto(link);
  await shows(here, "Choose a new password");
  await expect.poll(() => here.url()).not.toContain(token);
  await choose(here, "1234");
  await says(here, /at least 8 characters/i);
  await choose(here, goodPassword);
  await shows(here, "Your password is saved");
  await here.getByRole("link", { name: "Sign in" }).click();
  await shows(here, "Sign in");

  await elsewhere.goto(url);
  await shows(elsewhere, "Sign in");
  await signIn(elsewhere, url, oldPassword);
  await says(elsewhere, "Incorrect email or password.");
  await signIn(here, url, goodPassword);
  await shows(here, `Signed in as ${email}`);

  await elsewhere.goto(link);
  // A form of one's own learns it when the password is sent, the ready pages before.
  const password = field(elsewhere, "New password");
  await password.or(elsewhere.getByText("This link no longer works")).first().waitFor();
  if (await password.isVisible()) await choose(elsewhere, "another good password");
  await shows(elsewhere, "This link no longer works");

  await expect.poll(() => mails().length, { timeout: 20_000 }).toBe(2);
  expect(mails()[1]!.text).not.toContain("/reset-password/");
  await Promise.all([here.context().close(), elsewhere.context().close()]);
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 480, height: 480 } });
  context.setDefaultTimeout(20_000);
  return context.newPage();
}

async function signIn(page: Page, url: string, password: string): Promise<void> {
  await page.goto(`${url}/login`);
  await field(page, "Email").fill(email);
  await field(page, "Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function choose(page: Page, password: string): Promise<void> {
  await field(page, "New password").fill(password);
  const again = field(page, "Confirm new password");
  if (await again.isVisible()) await again.fill(password);
  await page.getByRole("button", { name: "Save password" }).click();
}

/** Next.js keeps the page before, and hides it. */
const field = (page: Page, label: string) =>
  page.getByLabel(label, { exact: true }).filter({ visible: true });

/** Waits for a page, which axe must find nothing in. */
async function shows(page: Page, title: string): Promise<void> {
  await page.getByRole("heading", { name: title, exact: true }).waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${title}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
}

const says = (page: Page, text: string | RegExp) =>
  page.getByText(text).filter({ visible: true }).first().waitFor();
