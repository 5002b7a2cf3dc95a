/** What administrators' pages need in addition to the shared style: a wider column, a menu, and lists of facts. */
export const adminStyle = `
header, main { max-width: 46rem; }
.icon { display: none; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; margin: 0 0 1.25rem; }
nav a { padding: 0.375rem 0.75rem; border-radius: 0.625rem; color: var(--soft); font-weight: 550; text-decoration: none; }
nav a:hover { color: var(--ink); text-decoration: underline; text-underline-offset: 0.2em; }
nav a[aria-current] { background: var(--tint); color: var(--accent); }
.pages { align-items: center; margin: 1.25rem 0 0; color: var(--soft); font-size: 0.9375rem; }
.notice { padding: 0.75rem 0.875rem; border-radius: 0.625rem; background: var(--good-tint); color: var(--good); font-weight: 500; }
.notice.bad { background: var(--bad-tint); color: var(--bad); }
h2 { margin: 2rem 0 0.5rem; font-size: 1.125rem; line-height: 1.3; }
.rows { list-style: none; margin: 1.25rem 0 0; padding: 0; border-top: 1px solid var(--line); }
.rows > li { padding: 1rem 0; border-bottom: 1px solid var(--line); }
.rows a { color: var(--accent); font-weight: 600; text-underline-offset: 0.2em; }
.rows strong { color: var(--ink); font-weight: 600; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 0.5rem 1.25rem; margin: 0.5rem 0 0; }
dl div { min-width: 0; }
dl .long { grid-column: 1 / -1; }
dt { color: var(--soft); font-size: 0.8125rem; }
dd { margin: 0; font-size: 0.9375rem; }
.acts { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1.5rem 0 0; }
.acts form { flex: 1 1 14rem; margin: 0; }
.quiet { background: transparent; border-color: var(--edge); color: var(--ink); }
.quiet:hover { background: var(--tint); }
`;
