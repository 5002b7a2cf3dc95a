/**
 * One description of a mail, written out twice: as text, and as HTML that mail programs can show.
 *
 * The HTML is tables with inline styles (Outlook renders with Word), has no script and loads nothing, and
 * follows the reader's dark mode where the program allows it.
 *
 * @module
 */
import { html, raw, type Html } from "../../html.js";

export type Block =
  | { readonly kind: "paragraph"; readonly text: string }
  | {
      readonly kind: "link";
      readonly url: string;
      readonly action: string;
      readonly open: string;
      readonly copy: string;
    }
  | { readonly kind: "code"; readonly intro: string; readonly code: string }
  | { readonly kind: "facts"; readonly facts: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: "contact"; readonly intro: string; readonly contact: string };

export interface MailPage {
  /** The language of the words. */
  readonly tag: string;
  readonly app: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly footer: string;
}

/** The text part. A link and a code stand alone on their lines, where nothing can stick to them. */
export function renderText({ blocks, footer }: MailPage): string {
  return `${[...blocks.map(blockText), footer].join("\n\n")}\n`;
}

/** The HTML part. */
export function renderHtml({ tag, app, title, blocks, footer }: MailPage): Html {
  return html`<!doctype html>
<html lang="${tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<meta name="x-apple-disable-message-reformatting">
<title>${title}</title>
<style>${darkMode}</style>
</head>
<body class="back" style="margin:0;padding:0;background-color:#f2f3f5">
<table role="presentation" class="back" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f2f3f5" style="background-color:#f2f3f5">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:544px">
<tr><td class="quiet" style="padding:0 8px 16px;${font};font-size:15px;line-height:22px;font-weight:600;color:#59616c">${app}</td></tr>
<tr><td class="card" bgcolor="#ffffff" style="padding:32px 32px 16px;background-color:#ffffff;border-radius:12px">
<h1 class="ink" style="margin:0 0 20px;${font};font-size:22px;line-height:29px;font-weight:650;color:#1b2027">${title}</h1>
${blocks.map(blockHtml)}
</td></tr>
<tr><td class="quiet" style="padding:16px 8px 0;${font};font-size:13px;line-height:19px;color:#59616c">${footer}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

const font = raw("font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif");
const fixed = raw("font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Courier New',monospace");

const darkMode = raw(`
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
.back { background-color: #101216 !important; }
.card { background-color: #1c1f25 !important; }
.ink { color: #e8eaed !important; }
.quiet { color: #a4acb8 !important; }
.link { color: #8fb6ff !important; }
.box { background-color: #101216 !important; }
.button { background-color: #8fb6ff !important; }
.button a { color: #0d1526 !important; }
}
@media (max-width: 480px) { .card { padding: 24px 24px 8px !important; } }
`);

function blockText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return block.text;
    case "link":
      return `${block.open}\n\n${block.url}`;
    case "code":
      return `${block.intro}\n\n${block.code}`;
    case "facts":
      return block.facts.map(([label, value]) => `${label}: ${value}`).join("\n");
    case "contact":
      return `${block.intro} ${block.contact}`;
  }
}

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case "paragraph":
      return paragraph(block.text);
    case "link":
      return html`
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0">
<tr><td class="button" bgcolor="#1f4fd1" style="background-color:#1f4fd1;border-radius:8px"><a href="${block.url}" ${untracked} style="display:inline-block;padding:13px 24px;${font};font-size:16px;line-height:22px;font-weight:600;color:#ffffff;text-decoration:none">${block.action}</a></td></tr>
</table>
<p class="quiet" style="margin:0 0 4px;${font};font-size:14px;line-height:20px;color:#59616c">${block.copy}</p>
<p style="margin:0 0 20px;${font};font-size:14px;line-height:20px;word-break:break-all"><a class="link" href="${block.url}" ${untracked} style="color:#1f4fd1">${block.url}</a></p>`;
    case "code":
      return html`${paragraph(block.intro)}
<p class="box ink" style="margin:0 0 20px;padding:14px 8px;background-color:#f2f3f5;border-radius:8px;text-align:center;${fixed};font-size:26px;line-height:34px;letter-spacing:3px;color:#1b2027">${block.code}</p>`;
    case "facts":
      return html`
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px">
${block.facts.map(
  ([label, value]) =>
    html`<tr><td class="quiet" valign="top" style="padding:0 16px 4px 0;${font};font-size:16px;line-height:24px;color:#59616c">${label}</td><td class="ink" style="padding:0 0 4px;${font};font-size:16px;line-height:24px;color:#1b2027">${value}</td></tr>
`,
)}</table>`;
    case "contact":
      return paragraph(
        html`${block.intro} <a class="link" href="${contactUrl(block.contact)}" style="color:#1f4fd1">${block.contact}</a>`,
      );
  }
}

/** The mail services that rewrite links leave these alone: SendGrid, Postmark, Amazon SES. */
const untracked = raw('clicktracking="off" data-pm-no-track ses:no-track');

function paragraph(content: string | Html): Html {
  return html`
<p class="ink" style="margin:0 0 16px;${font};font-size:16px;line-height:24px;color:#1b2027">${content}</p>`;
}

function contactUrl(contact: string): string {
  return contact.startsWith("https://")
    ? contact
    : `mailto:${encodeURIComponent(contact).replace("%40", "@")}`;
}
