/**
 * A local site with the pages in every language, for pictures.mjs and check-pages.mjs. Needs `npm run build`.
 */
import { createServer } from "node:http";
import { nodeListener } from "../dist/adapters/node.js";
import { byEmail } from "../dist/delivery/email.js";
import { memoryStore, passwordReset } from "../dist/index.js";
import { htmlPages } from "../dist/pages/pages.js";
import { ar } from "../dist/locales/ar.js";
import { de } from "../dist/locales/de.js";
import { en } from "../dist/locales/en.js";
import { es } from "../dist/locales/es.js";
import { fr } from "../dist/locales/fr.js";
import { it } from "../dist/locales/it.js";
import { ja } from "../dist/locales/ja.js";
import { nl } from "../dist/locales/nl.js";
import { pl } from "../dist/locales/pl.js";
import { ptBR } from "../dist/locales/pt-br.js";
import { tr } from "../dist/locales/tr.js";
import { zhHans } from "../dist/locales/zh-hans.js";

export const languages = [en, de, fr, es, ptBR, it, nl, pl, tr, ja, zhHans, ar];
export const address = "ada@example.com";

/** Starts the site. `newLink()` resolves to a link that opens the form, and `mail(kind, locale)` to an email's HTML. */
export async function startPreview() {
  const user = { id: 1, name: "Ada Lovelace", email: address, hash: "" };
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  const links = [];
  const reset = passwordReset({
    users: {
      findByIdentifier: () => user,
      findById: () => user,
      stateOf: ({ hash, email }) => [hash, email],
      hashPassword: (password) => password,
      setPassword: (found, hash) => ((found.hash = hash), true),
      revokeSessions: () => undefined,
    },
    secret: "only for pictures: 32 bytes or more",
    store: memoryStore(),
    url: `${baseUrl}/reset/{token}`,
    throttles: false,
    maxLive: 20,
    log: { info() {}, warn() {}, error: console.error },
    deliver: (message) => void (message.url && links.push(message.url)),
  });
  const pages = htmlPages(reset, {
    ...{ baseUrl, choose: "/reset", appName: "Example", codes: true, locales: languages },
    log: { info() {}, warn() {}, error: console.error },
  });
  server.on("request", nodeListener(pages));

  return {
    baseUrl,
    async newLink() {
      await reset.issueFor(user);
      await reset.drain();
      return links.at(-1);
    },
    async mail(kind, locale) {
      let html = "";
      const deliver = byEmail({
        transport: { sendMail: (mail) => void (html = mail.html) },
        from: "Example <no-reply@example.com>",
        support: "help@example.com",
        nameOf: ({ name }) => name,
        locales: languages,
        clock: () => now,
      });
      await deliver({ ...messages[kind], locale });
      return html;
    },
    async close() {
      await reset.close();
      server.close();
    },
  };
}

const now = Date.UTC(2026, 10, 23, 12, 0, 0);
const request = {
  ip: "203.0.113.77",
  userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
};
const user = { name: "Ada Lovelace" };
const url = "https://example.com/reset/3q2-7wAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkcH";
const link = { kind: "reset", user, address, url, token: "", expiresAt: new Date(now + 86_400_000), request };
const messages = {
  reset: { ...link, code: "4821 7730" },
  invitation: { ...link, template: "invitation" },
  changed: { kind: "changed", user, address, changedAt: new Date(now), request },
  unknown: { kind: "unknown", address, request },
};
export const mailKinds = Object.keys(messages);
