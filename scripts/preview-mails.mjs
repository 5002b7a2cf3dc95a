// Draws every email in every language, light and dark, into docs/images/mail-*.png.
//
//   npm run build && node scripts/preview-mails.mjs
//
// Needs Chromium: at CHROMIUM, or where Debian puts it.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { byEmail } from "../dist/delivery/email.js";
import { startChromium } from "./chromium.mjs";

const width = 600;
const now = Date.UTC(2026, 10, 23, 12, 0, 0);
const address = "ada@example.com";
const user = { name: "Ada Lovelace" };
const url = "https://example.com/reset/3q2-7wAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkcH";
const request = {
  ip: "203.0.113.77",
  userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
};
const link = { user, address, url, token: "", expiresAt: new Date(now + 86_400_000), request };
const messages = {
  reset: { kind: "reset", ...link, code: "4821 7730" },
  invitation: { kind: "reset", ...link, template: "invitation" },
  changed: { kind: "changed", user, address, changedAt: new Date(now), request },
  unknown: { kind: "unknown", address, request },
};

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
