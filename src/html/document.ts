import { html, raw, type Html } from "../html.js";

/** What an icon's color stands for: success, waiting, or failure. Without a tone, the page is a step to take. */
type Tone = "" | "good" | "wait" | "bad";

const icons = {
  key: ["", '<circle cx="8" cy="15" r="5"/><path d="m11.5 11.5 9-9M17 6l3 3M14.5 8.5l2 2"/>'],
  mail: ["wait", '<rect x="2.5" y="4.5" width="19" height="15" rx="2.5"/><path d="m3.5 7 8.5 6.5L20.5 7"/>'],
  lock: [
    "",
    '<rect x="4.5" y="10.5" width="15" height="10.5" rx="2.5"/><path d="M8 10.5V7a4 4 0 0 1 8 0v3.5M12 14.5V17"/>',
  ],
  check: ["good", '<path d="m4 12.5 5.5 5.5L20.5 6.5"/>'],
  clock: ["wait", '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>'],
  stop: ["bad", '<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.5M12 16.4v.1"/>'],
} satisfies Record<string, readonly [Tone, string]>;

export type Icon = keyof typeof icons;

/** A whole HTML document. `style` is trusted: it comes from resetkit and the application, never from a request. */
export function documentOf(page: {
  readonly language: string;
  readonly direction?: "rtl" | undefined;
  readonly title: string;
  readonly appName: string | undefined;
  readonly style: string;
  readonly icon: Icon;
  readonly heading: string;
  readonly body: Html;
}): Html {
  const { appName } = page;
  const [tone, shape] = icons[page.icon];
  return html`<!doctype html>
<html lang="${page.language}"${page.direction && html` dir="${page.direction}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${page.title}${appName && ` · ${appName}`}</title>
<style>${raw(page.style)}</style>
</head>
<body>
${appName && html`<header>${appName}</header>`}
<main>
<svg class="${`icon ${tone}`.trim()}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${raw(shape)}</svg>
<h1>${page.heading}</h1>
${page.body}
</main>
</body>
</html>
`;
}
