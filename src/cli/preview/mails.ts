import { byEmail } from "../../delivery/email.js";
import type { Message } from "../../types.js";
import type { PreviewOptions, Rendered } from "./rendered.js";

const now = Date.UTC(2026, 10, 23, 12, 0, 0);
const address = "ada@example.com";
const user = { name: "Ada Lovelace" };
const request = {
  ip: "203.0.113.77",
  userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
  data: undefined,
};
const reset = {
  kind: "reset",
  user,
  address,
  token: "",
  url: "https://example.com/reset/3q2-7wAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkcH",
  expiresAt: new Date(now + 86_400_000),
  locale: undefined,
  request,
} as const;

/** A message of each kind, by the name of its preview. Their links and codes don't work. */
export const samples: Readonly<Record<string, Message<typeof user>>> = {
  link: reset,
  code: { ...reset, code: "4821 7730", codeExpiresAt: new Date(now + 600_000) },
  invitation: { ...reset, template: "invitation" },
  changed: { kind: "changed", user, address, changedAt: new Date(now), locale: undefined, request },
  unknown: { kind: "unknown", address, locale: undefined, request },
};

/** Every email in one language, as HTML and as text. */
export async function mails({ locale, appName, languages }: PreviewOptions): Promise<Rendered[]> {
  const rendered: Rendered[] = [];
  for (const [name, message] of Object.entries(samples)) {
    const at = `${locale}/email-${name}`;
    const deliver = byEmail<typeof user>({
      transport: {
        async sendMail({ subject, text, html = "" }) {
          rendered.push(
            { file: `${at}.html`, title: `Email: ${subject}`, text: html },
            { file: `${at}.txt`, title: `Email as text: ${subject}`, text },
          );
        },
      },
      from: `${appName} <no-reply@example.com>`,
      support: "help@example.com",
      nameOf: (account) => account.name,
      clock: () => now,
      ...languages,
    });
    await deliver({ ...message, locale });
  }
  return rendered;
}
