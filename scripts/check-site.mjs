/**
 * Checks the built site in Chromium: `npm run docs:check`. The search must find common terms, no link may be dead, and axe
 * must find no violations. Writes docs/evidence/site.md, and exits with 1 if a check fails.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { parse } from "node-html-parser";
import { startChromium } from "./chromium.mjs";

const dist = fileURLToPath(new URL("../site/dist", import.meta.url));
const words = ["rate limit", "user enumeration", "timing attack", "serverless", "Docker", "NULL"];
const pages = [
  "/",
  "/throttles",
  "/guides/express-spa",
  "/reference/",
  "/evidence/timing",
  "/locales",
  "/scale",
];
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/** Finds a file as a static host with clean URLs does. */
function fileOf(path) {
  const file = join(dist, decodeURIComponent(path));
  const candidates = [file, `${file}.html`, join(file, "index.html")];
  return candidates.find((one) => existsSync(one) && statSync(one).isFile());
}

const server = createServer((request, response) => {
  const file = fileOf(new URL(request.url, "http://site").pathname);
  response.writeHead(file ? 200 : 404, {
    "content-type": types[extname(file ?? "")] ?? "application/octet-stream",
  });
  response.end(file ? readFileSync(file) : "not found");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;

// Check every link of every page, including the heading that it points to.
const html = readdirSync(dist, { recursive: true }).filter(
  (file) => file.endsWith(".html") && file !== "404.html",
);
const parsed = new Map(html.map((file) => [join(dist, file), parse(readFileSync(join(dist, file), "utf8"))]));
const dead = [];
let links = 0;
for (const [file, page] of parsed) {
  const own = `/${file
    .slice(dist.length + 1)
    .replace(/(^|\/)index\.html$/, "$1")
    .replace(/\.html$/, "")}`;
  for (const link of page.querySelectorAll("a[href]")) {
    const target = new URL(link.getAttribute("href"), base + own);
    if (target.origin !== base) continue;
    links++;
    const found = fileOf(target.pathname);
    const id = decodeURIComponent(target.hash.slice(1));
    const isThere = found && (!id || !parsed.has(found) || parsed.get(found).querySelector(`[id="${id}"]`));
    if (!isThere) dead.push(`${own} → ${target.pathname}${target.hash}`);
  }
}

const browser = await startChromium();
const page = await browser.newPage();
const found = [];
for (const word of words) {
  await page.goto(base);
  await page.click(".VPNavBarSearch button");
  await page.fill("#localsearch-input", word);
  await page.waitForSelector(".VPLocalSearchBox .result", { timeout: 20_000 }).catch(() => undefined);
  const titles = await page.locator(".VPLocalSearchBox .result .titles").allInnerTexts();
  found.push([word, titles.length, (titles[0] ?? "").replace(/\s+/g, " ").trim()]);
}

const violations = [];
for (const colorScheme of ["light", "dark"]) {
  const context = await browser.newContext({ colorScheme });
  for (const path of pages) {
    const tab = await context.newPage();
    await tab.goto(base + path);
    await tab.waitForLoadState("networkidle");
    const result = await new AxeBuilder({ page: tab }).analyze();
    violations.push(
      ...result.violations.map(({ id, nodes }) => `${path}, ${colorScheme}: ${id} (${nodes.length})`),
    );
    await tab.close();
  }
}
await browser.close();
server.close();

const isGood = dead.length === 0 && violations.length === 0 && found.every(([, count]) => count > 0);
const list = (title, items) =>
  items.length === 0 ? "" : `\n${title}:\n\n${items.map((one) => `- ${one}`).join("\n")}\n`;
writeFileSync(
  new URL("../docs/evidence/site.md", import.meta.url),
  `# The documentation's site

- Command: \`npm run docs:check\`
- Date: ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC
- Sample: ${html.length} pages, ${links} internal links; axe on ${pages.length} pages, light and dark

| the search finds | results | first |
| --- | --- | --- |
${found.map(([word, count, first]) => `| ${word} | ${count} | ${first} |`).join("\n")}

Dead links: ${dead.length}. Violations of axe: ${violations.length}.
${list("Dead links", dead)}${list("Violations", violations)}`,
);
console.log(readFileSync(new URL("../docs/evidence/site.md", import.meta.url), "utf8"));
if (!isGood) process.exitCode = 1;
