import { html, raw, type Html } from "resetkit/html";
import { style as libraryStyle } from "resetkit/html/style";

/** The look of the reset pages, with room for tables and emails. */
export const style = `${libraryStyle}
main.wide { max-width: 44rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem; justify-content: center; margin: 0 0 1.25rem; }
nav a { padding: 0.375rem 0.75rem; border-radius: 0.625rem; color: var(--soft); font-weight: 550; text-decoration: none; }
nav a:hover { color: var(--ink); text-decoration: underline; text-underline-offset: 0.2em; }
nav a[aria-current] { background: var(--tint); color: var(--accent); }
main a:not(.button) { color: var(--accent); }
h2 { margin: 2rem 0 0.5rem; font-size: 1.125rem; line-height: 1.3; }
ol { margin: 0 0 1rem; padding-left: 1.25rem; color: var(--soft); }
table { width: 100%; border-collapse: collapse; margin: 0 0 1rem; }
th, td { padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td code { white-space: nowrap; }
th { font-size: 0.875rem; color: var(--soft); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.875rem; }
pre { margin: 0 0 1rem; padding: 0.875rem; border: 1px solid var(--line); border-radius: 0.625rem; white-space: pre-wrap; }
article { margin: 1.5rem 0 0; padding: 1.25rem 0 0; border-top: 1px solid var(--line); }
article h2 { margin: 0 0 0.25rem; }
article pre { margin-top: 0.75rem; }
details { margin-top: 0.75rem; }
summary { cursor: pointer; color: var(--accent); font-weight: 550; }
iframe { display: block; width: 100%; height: 36rem; margin: 0.75rem 0 0; border: 1px solid var(--line); border-radius: 0.625rem; }
`;

const links = [
  ["/", "Start"],
  ["/forgot-password", "Forgot password"],
  ["/inbox", "Inbox"],
  ["/login", "Sign in"],
] as const;

/** The document around a page. The content security policy in `answers.ts` has the hash of exactly this style. */
export function layout(page: {
  readonly title: string;
  readonly body: Html;
  /** The page's path, if it's in the navigation. */
  readonly path?: string;
  /** Whether the page needs room for tables or emails. */
  readonly isWide?: boolean;
}): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · resetkit demo</title>
<style>${raw(style)}</style>
</head>
<body>
<header>resetkit demo</header>
<nav aria-label="Pages">
${links.map(([path, text]) => html`<a href="${path}"${raw(path === page.path ? ' aria-current="page"' : "")}>${text}</a>`)}
</nav>
<main${raw(page.isWide ? ' class="wide"' : "")}>
${page.body}
</main>
</body>
</html>
`;
}
