/**
 * Renders one description of an email twice: as text, and as HTML that email programs can show.
 *
 * The HTML is tables with inline styles (Outlook renders with Word). It has no script, loads nothing, and
 * follows the reader's dark mode if the email program allows it.
 *
 * @module
 */
import { html, raw, type Html } from "../../html.js";
import { darkColors as dark, lightColors as light } from "../../html/colors.js";

export type Block =
  | { readonly kind: "paragraph"; readonly text: string }
  /** A button in HTML, and the link after `open` in text. */
  | { readonly kind: "button"; readonly url: string; readonly action: string; readonly open: string }
  /** In HTML only: the link as text, for email programs whose buttons don't work. */
  | { readonly kind: "copy"; readonly url: string; readonly intro: string }
  | { readonly kind: "code"; readonly intro: string; readonly code: string }
  | { readonly kind: "facts"; readonly facts: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: "contact"; readonly intro: string; readonly contact: string };

export interface MailPage {
  /** The language of the text. */
  readonly tag: string;
  readonly direction?: "rtl" | undefined;
  readonly app: string;
  readonly title: string;
  /** The line that inboxes show after the subject. */
  readonly preview: string;
  readonly blocks: readonly Block[];
  readonly footer: string;
}

/** The text part. A link and a code stand alone on their lines, where nothing can stick to them. */
export function renderText({ blocks, footer }: MailPage): string {
  const parts = [...blocks.map(blockText), footer].filter((part) => part !== undefined);
  return `${parts.join("\n\n")}\n`;
}

/** The HTML part. */
export function renderHtml({ tag, direction, app, title, preview, blocks, footer }: MailPage): Html {
  // Repeated on the table, because many email programs drop the attributes of html and body.
  const dir = direction && html` dir="${direction}"`;
  return html`<!doctype html>
<html lang="${tag}"${dir}>
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
<body class="back" style="margin:0;padding:0;background-color:${light.paper}">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${preview}${filler}</div>
<table role="presentation"${dir} class="back" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="${light.paper}" style="background-color:${light.paper}">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:544px">
<tr><td class="quiet" style="padding:0 8px 16px;${font};font-size:15px;line-height:22px;font-weight:600;color:${light.soft}">${app}</td></tr>
<tr><td class="card" bgcolor="${light.card}" style="padding:32px 32px 16px;background-color:${light.card};border-radius:16px">
<h1 class="ink" style="margin:0 0 20px;${font};font-size:22px;line-height:29px;font-weight:650;color:${light.ink}">${title}</h1>
${blocks.map((block) => blockHtml(block, direction))}
</td></tr>
<tr><td class="quiet" style="padding:16px 8px 0;${font};font-size:13px;line-height:19px;color:${light.soft}">${footer}</td></tr>
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
.back { background-color: ${dark.paper} !important; }
.card { background-color: ${dark.card} !important; }
.ink { color: ${dark.ink} !important; }
.quiet { color: ${dark.soft} !important; }
.link { color: ${dark.accent} !important; }
.box { background-color: ${dark.tint} !important; }
.button { background-color: ${dark.accent} !important; }
.button a { color: ${dark.onAccent} !important; }
}
@media (max-width: 480px) { .card { padding: 24px 24px 8px !important; } }
`);

/** Keeps inboxes from showing the email's first words after the preview: invisible, and wide enough for any list. */
const filler = raw("&#847;&zwnj;&nbsp;".repeat(60));

/** A block as text, or `undefined` if only HTML needs it. */
function blockText(block: Block): string | undefined {
  switch (block.kind) {
    case "paragraph":
      return block.text;
    case "button":
      return `${block.open}\n\n${block.url}`;
    case "copy":
      return undefined;
    case "code":
      return `${block.intro}\n\n${block.code}`;
    case "facts":
      return block.facts.map(([label, value]) => `${label}: ${value}`).join("\n");
    case "contact":
      return `${block.intro} ${block.contact}`;
  }
}

function blockHtml(block: Block, direction: MailPage["direction"]): Html {
  // In right-to-left text, the groups of a code would swap places, and a URL's trailing punctuation would move to its front.
  const leftToRight = direction && html` dir="ltr"`;
  switch (block.kind) {
    case "paragraph":
      return paragraph(block.text);
    case "button":
      return html`
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0">
<tr><td class="button" bgcolor="${light.accent}" style="background-color:${light.accent};border-radius:10px"><a href="${block.url}" ${untracked} style="display:inline-block;padding:13px 24px;${font};font-size:16px;line-height:22px;font-weight:600;color:${light.onAccent};text-decoration:none">${block.action}</a></td></tr>
</table>`;
    case "copy":
      return html`
<p class="quiet" style="margin:0 0 4px;${font};font-size:14px;line-height:20px;color:${light.soft}">${block.intro}</p>
<p style="margin:0 0 20px;${font};font-size:14px;line-height:20px;word-break:break-all"><a class="link" href="${block.url}"${leftToRight} ${untracked} style="color:${light.accent}">${block.url}</a></p>`;
    case "code":
      return html`${paragraph(block.intro)}
<p class="box ink"${leftToRight} style="margin:0 0 20px;padding:14px 8px;background-color:${light.tint};border-radius:10px;text-align:center;${fixed};font-size:26px;line-height:34px;letter-spacing:3px;color:${light.ink}">${block.code}</p>`;
    case "facts":
      return html`
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px">
${block.facts.map(
  ([label, value]) =>
    html`<tr><td class="quiet" valign="top" style="padding:${direction ? "0 0 4px 16px" : "0 16px 4px 0"};${font};font-size:16px;line-height:24px;color:${light.soft}">${label}</td><td class="ink" style="padding:0 0 4px;${font};font-size:16px;line-height:24px;color:${light.ink}">${value}</td></tr>
`,
)}</table>`;
    case "contact":
      return paragraph(
        html`${block.intro} <a class="link" href="${contactUrl(block.contact)}" style="color:${light.accent}">${block.contact}</a>`,
      );
  }
}

/** Keeps email services that rewrite links from touching this one: SendGrid, Postmark, Amazon SES. */
const untracked = raw('clicktracking="off" data-pm-no-track ses:no-track');

function paragraph(content: string | Html): Html {
  return html`
<p class="ink" style="margin:0 0 16px;${font};font-size:16px;line-height:24px;color:${light.ink}">${content}</p>`;
}

function contactUrl(contact: string): string {
  return contact.startsWith("https://")
    ? contact
    : `mailto:${encodeURIComponent(contact).replace("%40", "@")}`;
}
