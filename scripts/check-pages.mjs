/**
 * Checks every page and every email with axe, in every language, light and dark: `npm run docs:pages`. Writes
 * docs/evidence/accessibility.md, and exits with 1 if there's a violation. Needs Chromium.
 */
import { writeFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { startChromium } from "./chromium.mjs";
import { languages, mailKinds, startPreview } from "./preview-site.mjs";

const preview = await startPreview();
const browser = await startChromium();

const at = (path) => (page) => page.goto(preview.baseUrl + path);
const posted = async (page) => {
  await page.click("button[type=submit]");
  await page.waitForLoadState();
};
const shown = {
  ask: at("/forgot-password"),
  "ask, refused": async (page) => {
    await at("/forgot-password")(page);
    await posted(page);
  },
  sent: at("/forgot-password/sent"),
  code: at("/reset/code"),
  "code, refused": async (page) => {
    await at("/reset/code")(page);
    await posted(page);
  },
  choose: async (page) => page.goto(await preview.newLink()),
  "choose, refused": async (page) => {
    await page.goto(await preview.newLink());
    await page.fill("#password", "12345");
    await page.fill("#repeat", "12345");
    await posted(page);
  },
  done: at("/reset/done"),
  "no longer works": at("/reset/abc"),
  ...Object.fromEntries(
    mailKinds.map((kind) => [
      `email: ${kind}`,
      async (page, tag) => page.setContent(await preview.mail(kind, tag)),
    ]),
  ),
};

/** Rules about a whole page. An email is shown inside one, that of the mail program, whose landmarks hold it. */
const rulesOfPages = ["landmark-one-main", "region"];

const rows = [];
const violations = [];
let looked = 0;
for (const { tag } of languages) {
  const cells = [];
  for (const colorScheme of ["light", "dark"]) {
    let found = 0;
    for (const [name, show] of Object.entries(shown)) {
      const context = await browser.newContext({ locale: tag, colorScheme, bypassCSP: true });
      const page = await context.newPage();
      await show(page, tag);
      const lang = await page.locator("html").getAttribute("lang");
      if (lang !== tag) violations.push(`${name}, ${tag}: is in ${lang}`);
      const axe = new AxeBuilder({ page });
      if (name.startsWith("email")) axe.disableRules(rulesOfPages);
      const { violations: own } = await axe.analyze();
      found += own.length;
      violations.push(
        ...own.map(({ id, nodes }) => `${name}, ${tag}, ${colorScheme}: ${id} (${nodes.length})`),
      );
      looked++;
      await context.close();
    }
    cells.push(found);
  }
  rows.push(`| ${tag} | ${cells.join(" | ")} |`);
  console.log(rows.at(-1));
}

// The control: a page in which axe must find violations.
const context = await browser.newContext();
const page = await context.newPage();
await page.setContent('<html><body><img src="x"><p style="color:#ccc">pale</p></body></html>');
const control = (await new AxeBuilder({ page }).analyze()).violations.length;
await browser.close();
await preview.close();

writeFileSync(
  new URL("../docs/evidence/accessibility.md", import.meta.url),
  `# Accessibility: every page and email, in every language

- Command: \`npm run docs:pages\`
- Date: ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC
- Sample: ${Object.keys(shown).length} pages and emails × ${languages.length} languages × light and dark = ${looked}, in Chromium with axe-core
- Control: a page with a pale text and a picture without a description has ${control} violations

| language | violations, light | dark |
| --- | --- | --- |
${rows.join("\n")}

${violations.length === 0 ? "No violation, and each page is in the language that was asked for." : violations.map((one) => `- ${one}`).join("\n")}

Emails are checked without the two rules about a page's landmarks (${rulesOfPages.map((rule) => `\`${rule}\``).join(", ")}): a mail program shows them inside
its own page.

Looked at: ${Object.keys(shown).join(" · ")}.
`,
);
if (violations.length > 0 || control === 0) process.exitCode = 1;
