import { html, raw, type Html } from "resetkit/html";
import type { InboxMail } from "./inbox.js";
import { layout } from "./layout.js";
import { firstPassword, people } from "./seed.js";

/** What the demo is, and the ways into it. */
export function homePage(options: {
  /** Who is logged in. */
  readonly owner: string | null;
  readonly baseUrl: string;
  readonly throttle: boolean;
}): Html {
  const limit = options.throttle
    ? "You can ask three times a day, as is the default. Start the demo with THROTTLE=off to ask as often as you like."
    : "Throttles are off: ask as often as you like.";
  const body = html`<h1>Forget a password, and get back in</h1>
<p>This is a small application with accounts, and resetkit beside it. Everything is real: the database, the hashing, the
tokens, the queue. Only the mails stay here, in an inbox for everybody.</p>
${sessionOf(options.owner)}

<h2>The whole way round</h2>
<ol>
<li><a href="/forgot-password">Ask for a reset</a>, for <code>ada@example.com</code> say.</li>
<li>Open the <a href="/inbox">inbox</a>; the mail is there within a second. Follow its link.</li>
<li>Choose a new password. The link is used up, and everybody who was logged in as Ada is logged out.</li>
<li><a href="/login">Log in</a> with the new password. The old one no longer works.</li>
</ol>
<p>${limit}</p>

<h2>Accounts</h2>
<table>
<thead><tr><th scope="col">Address</th><th scope="col">What it shows</th></tr></thead>
<tbody>
${people.map(({ email, about }) => html`<tr><td><code>${email}</code></td><td>${about}</td></tr>`)}
</tbody>
</table>
<p>Their password is <code>${firstPassword}</code> at first. Ask for one that gets no mail, or for nobody at all: the
answer is the same.</p>

<h2>The API</h2>
<pre>curl -X POST ${options.baseUrl}/api/password_reset/ \\
  -H 'Content-Type: application/json' -d '{"email":"ada@example.com"}'</pre>
<p>Mails for programs: <a href="/inbox.json">inbox.json</a>. Counters: <a href="/metrics">metrics</a>.</p>`;
  return layout({ title: "Start", body, isWide: true });
}

/** The form, empty or with what was wrong about it. */
export function loginPage({ email, problem }: { email?: string; problem?: string } = {}): Html {
  const [focusEmail, focusPassword] = problem ? ["", " autofocus"] : [" autofocus", ""];
  const body = html`<h1>Log in</h1>
<form method="post" action="/login">
${problem && html`<div class="errors" role="alert"><p>${problem}</p></div>`}
<div class="field">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required value="${email}"${raw(focusEmail)}>
</div>
<div class="field">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${raw(focusPassword)}>
</div>
<button type="submit">Log in</button>
</form>
<p class="more"><a href="/forgot-password">Forgot your password?</a></p>`;
  return layout({ title: "Log in", body });
}

export function welcomePage(owner: string): Html {
  const title = "You are logged in";
  return layout({ title, body: html`<h1>${title}</h1>${sessionOf(owner)}` });
}

/** Mails with the text part in the page, and the HTML part in a frame that can do nothing. */
export function inboxPage(mails: ReadonlyMap<string, InboxMail>, baseUrl: string): Html {
  const body = html`<h1>Inbox</h1>
<p>The mails that people would have got, newest first. <a href="/inbox">Look again</a></p>
${mails.size === 0 && html`<p>Nothing yet. <a href="/forgot-password">Ask for a reset</a>.</p>`}
${[...mails].map(([id, mail]) => mailOf(id, mail, baseUrl))}`;
  return layout({ title: "Inbox", body, isWide: true });
}

export function problemPage(title: string, text: string): Html {
  const body = html`<h1>${title}</h1><p>${text}</p><p class="more"><a href="/">To the start page</a></p>`;
  return layout({ title, body });
}

function sessionOf(owner: string | null): Html {
  if (owner === null) return html`<p>You are not logged in.</p>`;
  return html`<p>You are logged in as <strong>${owner}</strong>. A reset ends this session and every other one of this account.</p>
<form method="post" action="/logout"><button type="submit">Log out</button></form>`;
}

function mailOf(id: string, mail: InboxMail, baseUrl: string): Html {
  const time = `${mail.date.slice(0, 19).replace("T", " ")} UTC`;
  return html`<article>
<h2>${mail.subject}</h2>
<p>To ${mail.to}, <time datetime="${mail.date}">${time}</time></p>
<pre>${withLinks(mail.text, baseUrl)}</pre>
<details>
<summary>As HTML</summary>
<iframe title="${mail.subject}" src="/inbox/${id}" loading="lazy" sandbox="allow-top-navigation-by-user-activation"></iframe>
</details>
</article>`;
}

/** Text with links where it names the demo itself, and nowhere else. */
function withLinks(text: string, baseUrl: string): Html[] {
  const parts = text.split(/(https?:\/\/\S+)/);
  return parts.map((part) =>
    part.startsWith(`${baseUrl}/`) ? html`<a href="${part}">${part}</a>` : html`${part}`,
  );
}
