import { html, raw, type Html } from "../html.js";
import { style as pagesStyle } from "../html/style.js";
import type { CapturedMail } from "./captured-mail.js";

/** The look of the reset pages, with room for emails. */
export const style = `${pagesStyle}
main { max-width: 44rem; }
main a:not(.button) { color: var(--accent); }
h2 { margin: 0 0 0.25rem; font-size: 1.125rem; line-height: 1.3; }
pre { margin: 0.75rem 0 0; padding: 0.875rem; border: 1px solid var(--line); border-radius: 0.625rem; white-space: pre-wrap; overflow-wrap: anywhere; }
article { margin: 1.5rem 0 0; padding: 1.25rem 0 0; border-top: 1px solid var(--line); }
summary { cursor: pointer; color: var(--accent); font-weight: 550; }
iframe { display: block; width: 100%; height: 36rem; margin: 0.75rem 0; border: 1px solid var(--line); border-radius: 0.625rem; }
`;

/** All emails, each in a frame without scripts, with its links and its text part. `at` is where the inbox is mounted. */
export function inboxPage(mails: readonly CapturedMail[], at: string): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Inbox</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<h1>Inbox</h1>
<p>Emails that your app would have sent, newest first. <a href="${at || "/"}">Refresh</a> · <a href="${at}/messages.json">JSON</a></p>
${mails.length === 0 && html`<p>No emails yet. Request a reset, and one arrives within a second.</p>`}
${mails.map((mail) => article(mail, at))}
</main>
</body>
</html>
`;
}

function article(mail: CapturedMail, at: string): Html {
  const time = `${mail.date.slice(0, 19).replace("T", " ")} UTC`;
  const sandbox = "allow-top-navigation-by-user-activation";
  return html`<article>
<h2>${mail.subject}</h2>
<p>To ${mail.to}, <time datetime="${mail.date}">${time}</time></p>
${mail.links.map((link) => html`<p><a href="${link}">${link}</a></p>`)}
<iframe title="${mail.subject}" src="${at}/${mail.id}" loading="lazy" sandbox="${sandbox}"></iframe>
<details>
<summary>Plain text</summary>
<pre>${mail.text}</pre>
</details>
</article>`;
}

/** An email as a document for its frame: with its own styles, without scripts, and with links that open in the top window. */
export function framed(mail: CapturedMail): { readonly body: string; readonly policy: string } {
  return {
    body: mail.html.replace(/<head[^>]*>/i, '$&<base target="_top">'),
    policy: [
      "default-src 'none'",
      "style-src 'unsafe-inline'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
      "sandbox allow-top-navigation-by-user-activation",
    ].join("; "),
  };
}
