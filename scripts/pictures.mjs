/**
 * Draws the documentation's pictures into docs/images/: pages and emails, light and dark, on a phone, in German and in
 * Arabic: `npm run pictures`. With names, it draws only those: `node scripts/pictures.mjs page-ask`.
 *
 * Needs Chromium: at CHROMIUM, or where Debian puts it.
 */
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startChromium } from "./chromium.mjs";
import { address, startPreview } from "./preview-site.mjs";

const largest = 60_000;
const wanted = process.argv.slice(2);
const preview = await startPreview();
const browser = await startChromium();
const size = { width: 480, height: 640 };
/** Emails are cut off at the bottom. */
const emailSize = { width: 480, height: 560 };
const phone = { width: 360, height: 640 };

const ask = async (page) => {
  await page.goto(`${preview.baseUrl}/forgot-password`);
  await page.fill("input[name=email]", address);
};
const code = (page) => page.goto(`${preview.baseUrl}/reset/code`);
const choose = async (page) => page.goto(await preview.newLink());
const refused = async (page) => {
  await choose(page);
  await page.fill("#password", "12345678");
  await page.fill("#repeat", "12345678");
  await page.click("button[type=submit]");
};
const mail = (kind, locale) => async (page) => page.setContent(await preview.mail(kind, locale));

await draw("page-ask", ask);
await draw("page-code", code);
await draw("page-choose", choose);
await draw("page-refused", refused);
await draw("page-choose-dark", choose, { colorScheme: "dark" });
await draw("page-choose-phone", choose, { viewport: phone, isMobile: true });
await draw("page-choose-de", choose, { locale: "de-DE" });
await draw("page-choose-ar", choose, { locale: "ar-EG" });
await draw("page-code-ar-dark", code, { locale: "ar-EG", colorScheme: "dark" });
await draw("email-reset", mail("reset", "en"));
await draw("email-reset-dark", mail("reset", "en"), { colorScheme: "dark" });
await draw("email-reset-phone", mail("reset", "en"), { viewport: phone, isMobile: true });
await draw("email-changed-de", mail("changed", "de"));
await draw("email-reset-ar", mail("reset", "ar"));

await browser.close();
await preview.close();

/** Draws one picture. Each has its own browser context, so that they don't share cookies. */
async function draw(name, fill, options = {}) {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const isEmail = name.startsWith("email-");
  const context = await browser.newContext({
    viewport: isEmail ? emailSize : size,
    locale: "en-US",
    ...options,
  });
  const page = await context.newPage();
  await fill(page);
  const path = fileURLToPath(new URL(`../docs/images/${name}.png`, import.meta.url));
  await page.screenshot({ path, fullPage: !isEmail });
  await context.close();
  const bytes = statSync(path).size;
  if (bytes > largest)
    throw new Error(`${name}.png has ${bytes} bytes, and the limit is ${largest}. Draw a smaller area.`);
  console.log(`${name}.png ${bytes}`);
}
