import { type Colors, darkColors, lightColors } from "../html/colors.js";

/**
 * The style of the pages: one column, the system's font, and light or dark as set in the reader's system.
 *
 * An application's own rules (`style` in the pages' options) can set the custom properties.
 */
export const style = `
:root {
  color-scheme: light dark;
${propertiesOf(lightColors)}
  --shadow: 0 1px 2px rgb(23 26 38 / 6%), 0 12px 32px -12px rgb(23 26 38 / 18%);
}
@media (prefers-color-scheme: dark) {
  :root {
${propertiesOf(darkColors)}
    --shadow: 0 0 0 1px #262b3b, 0 16px 40px -16px rgb(0 0 0 / 60%);
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100svh;
  display: flex;
  flex-direction: column;
  align-items: center;
  padding: clamp(1.25rem, 9vh, 6rem) 1rem 2.5rem;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  overflow-wrap: anywhere;
}
header, main { width: 100%; max-width: 27rem; }
header { margin: 0 0 1.25rem; text-align: center; font-weight: 650; letter-spacing: -0.01em; }
main {
  padding: clamp(1.5rem, 6vw, 2.5rem);
  background: var(--card);
  border-radius: 1rem;
  box-shadow: var(--shadow);
}
.icon {
  display: block;
  width: 3rem;
  height: 3rem;
  padding: 0.75rem;
  margin: 0 0 1.25rem;
  border-radius: 0.875rem;
  background: var(--tint);
  color: var(--accent);
}
.icon.good { background: var(--good-tint); color: var(--good); }
.icon.wait { background: var(--wait-tint); color: var(--wait); }
.icon.bad { background: var(--bad-tint); color: var(--bad); }
h1 { margin: 0 0 0.5rem; font-size: 1.5rem; line-height: 1.25; font-weight: 680; letter-spacing: -0.02em; text-wrap: balance; }
p { margin: 0 0 1rem; color: var(--soft); }
p:last-child { margin-bottom: 0; }
form { margin: 1.5rem 0 0; }
.field { margin: 0 0 1.25rem; }
label { display: block; margin: 0 0 0.375rem; font-weight: 600; }
input {
  display: block;
  width: 100%;
  min-height: 3rem;
  padding: 0.625rem 0.875rem;
  border: 1px solid var(--edge);
  border-radius: 0.625rem;
  background: var(--card);
  color: inherit;
  font: inherit;
}
input[hidden] { display: none; }
input[aria-invalid="true"] { border-color: var(--bad); box-shadow: inset 0 0 0 1px var(--bad); }
input[aria-invalid="true"]:focus-visible { outline-color: var(--bad); box-shadow: none; }
.hint { margin: 0 0 0.75rem; font-size: 0.875rem; line-height: 1.45; }
.errors {
  margin: 0.75rem 0 0;
  padding: 0.625rem 0.875rem;
  border-radius: 0.5rem;
  background: var(--bad-tint);
  color: var(--bad);
  font-size: 0.9375rem;
  font-weight: 500;
}
.errors p { margin: 0; color: inherit; }
.errors p + p { margin-top: 0.375rem; }
.account { margin: 1.25rem 0 0; padding: 0.75rem 0.875rem; border: 1px solid var(--line); border-radius: 0.625rem; }
.account span { display: block; font-size: 0.8125rem; color: var(--soft); }
.account strong { color: var(--ink); font-weight: 600; }
.account + form { margin-top: 1.25rem; }
#code { font-variant-numeric: tabular-nums; letter-spacing: 0.12em; }
button, .button {
  display: flex;
  align-items: center;
  justify-content: center;
  width: 100%;
  min-height: 3rem;
  padding: 0.625rem 1.25rem;
  border: 1px solid transparent;
  border-radius: 0.625rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
.button { margin-top: 1.5rem; }
button:hover, .button:hover { background: var(--accent-strong); }
.more { margin: 1.25rem 0 0; text-align: center; }
.more + .more { margin-top: 0.25rem; }
.more a { display: inline-block; padding: 0.25rem 0.5rem; color: var(--accent); font-weight: 550; text-underline-offset: 0.2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (prefers-reduced-motion: no-preference) {
  button, .button { transition: background-color 120ms ease-out; }
}
@media (max-width: 26rem) {
  body { padding-left: 0; padding-right: 0; padding-bottom: 0; background: var(--card); }
  main { box-shadow: none; border-radius: 0; padding-top: 0.5rem; }
}
`;

/** Letter spacing would separate letters that are joined, such as Arabic ones. */
export const rightToLeft = `
[dir="rtl"] h1, [dir="rtl"] header { letter-spacing: normal; }
`;

/** `--accent-strong: #352ba8;` and the like. */
function propertiesOf(colors: Colors): string {
  return Object.entries(colors)
    .map(
      ([name, color]) => `  --${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${color};`,
    )
    .join("\n");
}
