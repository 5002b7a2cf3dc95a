// Draws every email in every language, light and dark, into docs/images/mail-*.png.
//
//   npm run build && node scripts/preview-mails.mjs
//
// Needs Chromium: at CHROMIUM, or where Debian puts it.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { samples } from "../dist/cli/preview/mails.js";
import { byEmail } from "../dist/delivery/email.js";
import { startChromium } from "./chromium.mjs";

const width = 600;
const now = Date.UTC(2026, 10, 23, 12, 0, 0);
const { code: reset, invitation, changed, unknown } = samples;
const messages = { reset, invitation, changed, unknown };

const folder = fileURLToPath(new URL("../docs/images/", import.meta.url));
await mkdir(folder, { recursive: true });
const browser = await startChromium();
const page = await browser.newPage();
for (const locale of ["en", "de"]) {
  for (const [name, message] of Object.entries(messages)) {
    const html = await htmlOf({ ...message, locale });
    const images = [await draw(html, "light"), await draw(html, "dark")];
    const row = images.map((png) => `<img src="data:image/png;base64,${png}">`).join("");
    await page.setViewportSize({ width: 2 * width, height: 100 });
    await page.setContent(`<!doctype html><body style="margin:0;display:flex;align-items:flex-start">${row}`);
    await page.screenshot({ path: `${folder}mail-${name}.${locale}.png`, fullPage: true });
    console.log(`mail-${name}.${locale}.png`);
  }
}
await browser.close();

async function htmlOf(message) {
  let html = "";
  const deliver = byEmail({
    transport: { sendMail: (mail) => void (html = mail.html) },
    from: "Example <no-reply@example.com>",
    support: "help@example.com",
    nameOf: ({ name }) => name,
    clock: () => now,
  });
  await deliver(message);
  return html;
}

async function draw(html, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 100 });
  await page.setContent(html);
  return (await page.screenshot({ fullPage: true })).toString("base64");
}
