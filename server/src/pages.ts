import { html, raw, type Html } from "resetkit/html";
import { style as libraryStyle } from "resetkit/pages/style";
import type { InboxMail } from "./inbox.js";
import { firstPassword, people } from "./seed.js";

/** The look of the reset pages, with room for tables and mails. */
export const style = `${libraryStyle}
main.wide { max-width: 44rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; justify-content: center; margin: 0 0 1.25rem; }
nav a { color: var(--accent); font-weight: 550; text-underline-offset: 0.2em; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.125rem; line-height: 1.3; }
main a:not(.button) { color: var(--accent); }
ol { margin: 0 0 1rem; padding-left: 1.25rem; color: var(--soft); }
table { width: 100%; border-collapse: collapse; margin: 0 0 1rem; }
th, td { padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-size: 0.875rem; color: var(--soft); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.875rem; }
pre { margin: 0 0 1rem; padding: 0.875rem; border: 1px solid var(--line); border-radius: 0.625rem; white-space: pre-wrap; }
article { margin: 1.5rem 0 0; padding: 1.25rem 0 0; border-top: 1px solid var(--line); }
article h2 { margin: 0 0 0.25rem; }
article pre { margin-top: 0.75rem; }
summary { cursor: pointer; color: var(--accent); font-weight: 550; }
iframe { display: block; width: 100%; height: 32rem; margin: 0.75rem 0 0; border: 1px solid var(--line); border-radius: 0.625rem; background: #ffffff; }
`;

/** What the demo is, and the ways into it. */
export function homePage(options: {
  readonly owner: string | null;
  readonly baseUrl: string;
  readonly throttle: boolean;
}): Html {
  const { owner, baseUrl, throttle } = options;
  const ask = `curl -X POST ${baseUrl}/api/password_reset/ \\
  -H 'Content-Type: application/json' -d '{"email":"ada@example.com"}'`;
  return layout(
    "resetkit demo",
    html`<h1>Forget a password, and get back in</h1>
      <p>
        This is a small application with accounts, and resetkit beside it. Everything is real: the database,
        the hashing, the tokens, the queue. Only the mails stay here, in an inbox for everybody.
      </p>
      ${session(owner)}
      <h2>The whole way round</h2>
      <ol>
        <li><a href="/forgot-password">Ask for a reset</a>, for <code>ada@example.com</code> say.</li>
        <li>Open the <a href="/inbox">inbox</a>; the mail is there within a second. Follow its link.</li>
        <li>
          Choose a new password. The link is used up, and everybody who was logged in as Ada is logged out.
        </li>
        <li><a href="/login">Log in</a> with the new password. The old one no longer works.</li>
      </ol>
      <p>
        ${throttle ? "Three requests a day from one address, as is the default. Start the demo with THROTTLE=off to ask as often as you like." : "Throttles are off: ask as often as you like."}
      </p>
      <h2>Accounts</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">What it shows</th>
          </tr>
        </thead>
        <tbody>
          ${people.map(
            ({ email, about }) =>
              html`<tr>
                <td><code>${email}</code></td>
                <td>${about}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      <p>
        They start with the password <code>${firstPassword}</code>. Ask for one that gets no mail, or for
        nobody at all: the answer is the same.
      </p>
      <h2>The API</h2>
      <pre>${ask}</pre>
      <p>
        Three endpoints under <code>/api/password_reset/</code>:
        <a href="/api/password_reset/docs">documentation</a>,
        <a href="/api/password_reset/openapi.json">OpenAPI</a>. Mails for programs:
        <a href="/inbox.json">inbox.json</a>. Counters: <a href="/metrics">metrics</a>.
      </p>`,
    "wide",
  );
}

export function loginPage(options: { readonly email?: string; readonly problem?: string }): Html {
  const { email, problem } = options;
  return layout(
    "Log in",
    html`<h1>Log in</h1>
      <form method="post" action="/login">
        ${problem && html`<div class="errors" role="alert"><p>${problem}</p></div>`}
        <div class="field">
          <label for="email">E-mail address</label>
          <input
            id="email"
            name="email"
            type="email"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required
            value="${email}"
            ${raw(problem ? "" : " autofocus")}
          />
        </div>
        <div class="field">
          <label for="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            required${raw(problem ? " autofocus" : "")}
          />
        </div>
        <button type="submit">Log in</button>
      </form>
      <p class="more"><a href="/forgot-password">Forgot your password?</a></p>`,
  );
}

export function welcomePage(owner: string): Html {
  return layout(
    "You are logged in",
    html`<h1>You are logged in</h1>
      ${session(owner)}`,
  );
}

/** Mails with the text part in the page, and the HTML part in a frame that can do nothing. */
export function inboxPage(mails: ReadonlyMap<string, InboxMail>, baseUrl: string): Html {
  return layout(
    "Inbox",
    html`<h1>Inbox</h1>
      <p>The mails that people would have got, newest first. <a href="/inbox">Look again</a></p>
      ${mails.size === 0 && html`<p>Nothing yet. <a href="/forgot-password">Ask for a reset</a>; a mail takes up to a second.</p>`}
      ${[...mails].map(
        ([id, mail]) =>
          html`<article>
            <h2>${mail.subject}</h2>
            <p>
              To ${mail.to},
              <time datetime="${mail.date}">${mail.date.slice(0, 19).replace("T", " ")} UTC</time>
            </p>
            <pre>${withLinks(mail.text, baseUrl)}</pre>
            ${
              mail.html !== "" &&
              html`<details>
                <summary>As HTML</summary>
                <iframe
                  title="${mail.subject}"
                  src="/inbox/${id}"
                  loading="lazy"
                  sandbox="allow-top-navigation-by-user-activation"
                ></iframe>
              </details>`
            }
          </article>`,
      )}`,
    "wide",
  );
}

export function problemPage(title: string, text: string): Html {
  return layout(
    title,
    html`<h1>${title}</h1>
      <p>${text}</p>
      <p class="more"><a href="/">To the start page</a></p>`,
  );
}

function session(owner: string | null): Html {
  if (owner === null) return html`<p>You are not logged in.</p>`;
  return html`<p>
      You are logged in as <strong>${owner}</strong>. A reset ends this session, and every other one of this
      account.
    </p>
    <form method="post" action="/logout"><button type="submit">Log out</button></form>`;
}

/** Text with links where it names the demo itself, and nowhere else. */
function withLinks(text: string, baseUrl: string): Html[] {
  const isOurs = (part: string) => part.startsWith(`${baseUrl}/`);
  return text
    .split(/(https?:\/\/\S+)/)
    .map((part) => (isOurs(part) ? html`<a href="${part}">${part}</a>` : html`${part}`));
}

function layout(title: string, body: Html, width = ""): Html {
  const isHome = title === "resetkit demo";
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}${!isHome && " · resetkit demo"}</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <header>resetkit demo</header>
        <nav aria-label="Pages">
          <a href="/">Start</a><a href="/forgot-password">Forgot password</a><a href="/inbox">Inbox</a
          ><a href="/login">Log in</a>
        </nav>
        <main class="${width}">${body}</main>
      </body>
    </html> `;
}
