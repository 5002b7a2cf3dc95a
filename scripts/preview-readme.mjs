// Draws the three pictures of README.md, docs/images/readme-*.png: request a link, open the email, choose a password.
//
//   npm run build && node scripts/preview-readme.mjs
//
// Needs Chromium: at CHROMIUM, or where Debian puts it.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { nodeListener } from "../dist/adapters/node.js";
import { byEmail } from "../dist/delivery/email.js";
import { passwordReset } from "../dist/index.js";
import { htmlPages } from "../dist/pages/pages.js";
import { memoryStore } from "../dist/stores/memory.js";
import { startChromium } from "./chromium.mjs";

const address = "ada@example.com";
const user = { id: 1, name: "Ada Lovelace", email: address, hash: "" };
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const baseUrl = `http://127.0.0.1:${server.address().port}`;

const inbox = [];
const send = byEmail({
  transport: { sendMail: (mail) => void inbox.push(mail.html) },
  from: "Example <no-reply@example.com>",
  nameOf: ({ name }) => name,
});
const links = [];
const reset = passwordReset({
  users: {
    findByIdentifier: () => user,
    findById: () => user,
    stateOf: ({ hash, email }) => [hash, email],
    hashPassword: (password) => password,
    setPassword: () => true,
    revokeSessions: "none",
  },
  secret: "only for pictures: 32 bytes or more",
  store: memoryStore(),
  url: `${baseUrl}/reset/{token}`,
  deliver(message) {
    links.push(message.url);
    return send({ ...message, url: message.url.replace(baseUrl, "https://example.com") });
  },
});
server.on("request", nodeListener(htmlPages(reset, { baseUrl, choose: "/reset", appName: "Example" })));
await reset.request({ identifier: address }, { ip: "127.0.0.1" });
await reset.drain();

const browser = await startChromium();
await draw("request", async (page) => {
  await page.goto(`${baseUrl}/forgot-password`);
  await page.fill("input[name=email]", address);
});
await draw("email", (page) => page.setContent(inbox[0]));
await draw("choose", (page) => page.goto(links[0]));
await browser.close();
await reset.close();
server.close();

/** Draws one picture. Each has its own page, since the content security policy of the reset pages blocks the email's styles. */
async function draw(name, fill) {
  const page = await browser.newPage({ viewport: { width: 400, height: 690 }, deviceScaleFactor: 2 });
  await fill(page);
  await page.screenshot({
    path: fileURLToPath(new URL(`../docs/images/readme-${name}.png`, import.meta.url)),
  });
  await page.close();
  console.log(`readme-${name}.png`);
}
