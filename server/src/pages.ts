import { html, raw, type Html } from "resetkit/html";
import type { InboxMail } from "./inbox.js";
import { layout } from "./layout.js";
import { firstPassword, people } from "./seed.js";

/** Explains what the demo is and what to try first. */
export function homePage(options: {
  /** Email address of the account that is signed in. */
  readonly owner: string | null;
  readonly baseUrl: string;
  readonly throttle: boolean;
  readonly hasAdmin: boolean;
}): Html {
  const limit = options.throttle
    ? html`Each IP address can send 3 requests per day, which is the default. For unlimited requests, start the demo with
<code>THROTTLE=off</code>.`
    : "Rate limits are off, so send as many requests as you like.";
  const body = html`<h1>Try a password reset</h1>
<p>This is a small app with user accounts that uses resetkit. The database, the password hashing, the tokens, and the
queue are real. Only the emails stay here: they all arrive in one shared inbox.</p>
${sessionOf(options.owner)}

<h2>Reset a password</h2>
<ol>
<li><a href="/forgot-password">Request a reset</a>, for example for <code>ada@example.com</code>.</li>
<li>Open the <a href="/inbox">inbox</a>. The email arrives within a second. Open its link.</li>
<li>Choose a new password. The link stops working, and Ada is signed out on all devices.</li>
<li><a href="/login">Sign in</a> with the new password. The old one no longer works.</li>
</ol>
<p>${limit}</p>

<h2>Accounts</h2>
<table>
<thead><tr><th scope="col">Email</th><th scope="col">What happens</th></tr></thead>
<tbody>
${people.map(({ email, about }) => html`<tr><td><code>${email}</code></td><td>${about}</td></tr>`)}
</tbody>
</table>
<p>The initial password is <code>${firstPassword}</code>. Request a reset for an account that gets no email, or for an
email address without an account: the response is the same.</p>

<h2>API</h2>
<pre>curl -X POST ${options.baseUrl}/api/password_reset/ \\
  -H 'Content-Type: application/json' -d '{"email":"ada@example.com"}'</pre>
${options.hasAdmin && html`<p>For the team behind an app: the <a href="/admin">admin pages</a>, with the valid links and the queue.</p>`}
<p>For scripts: <a href="/inbox.json">emails as JSON</a>.</p>`;
  return layout({ title: "Start", path: "/", body, isWide: true });
}

/** The sign-in form, empty or with an error. */
export function loginPage({ email, problem }: { email?: string; problem?: string } = {}): Html {
  const [focusEmail, focusPassword] = problem ? ["", " autofocus"] : [" autofocus", ""];
  const body = html`<h1>Sign in</h1>
<form method="post" action="/login">
<div class="field">
<label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="username" required value="${email}"${raw(focusEmail)}>
</div>
<div class="field">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${raw(problem ? ' aria-invalid="true" aria-describedby="problem"' : "")}${raw(focusPassword)}>
${problem && html`<div class="errors" id="problem" role="alert"><p>${problem}</p></div>`}
</div>
<button type="submit">Sign in</button>
</form>
<p class="more"><a href="/forgot-password">Forgot your password?</a></p>`;
  return layout({ title: "Sign in", path: "/login", body });
}

export function welcomePage(owner: string): Html {
  const title = "You're signed in";
  return layout({ title, path: "/", body: html`<h1>${title}</h1>${sessionOf(owner)}` });
}

/** Emails as their readers see them, each in a frame without scripts, with the text part below. */
export function inboxPage(mails: ReadonlyMap<string, InboxMail>, baseUrl: string): Html {
  const body = html`<h1>Inbox</h1>
<p>Every email that this demo sent, newest first. <a href="/inbox">Refresh</a></p>
${mails.size === 0 && html`<p>No emails yet. <a href="/forgot-password">Request a reset</a>, and one arrives within a second.</p>`}
${[...mails].map(([id, mail]) => mailOf(id, mail, baseUrl))}`;
  return layout({ title: "Inbox", path: "/inbox", body, isWide: true });
}

export function problemPage(title: string, text: string): Html {
  const body = html`<h1>${title}</h1><p>${text}</p><p class="more"><a href="/">Back to the start page</a></p>`;
  return layout({ title, body });
}

function sessionOf(owner: string | null): Html {
  if (owner === null) return html`<p>You aren't signed in.</p>`;
  return html`<p>You're signed in as <strong>${owner}</strong>. Resetting this account's password signs you out everywhere.</p>
<form method="post" action="/logout"><button type="submit">Sign out</button></form>`;
}

function mailOf(id: string, mail: InboxMail, baseUrl: string): Html {
  const time = `${mail.date.slice(0, 19).replace("T", " ")} UTC`;
  return html`<article>
<h2>${mail.subject}</h2>
<p>To ${mail.to}, <time datetime="${mail.date}">${time}</time></p>
<iframe title="${mail.subject}" src="/inbox/${id}" loading="lazy" sandbox="allow-top-navigation-by-user-activation"></iframe>
<details>
<summary>Plain text</summary>
<pre>${withLinks(mail.text, baseUrl)}</pre>
</details>
</article>`;
}

/** Turns the demo's own URLs into links, and no others. */
function withLinks(text: string, baseUrl: string): Html[] {
  const parts = text.split(/(https?:\/\/\S+)/);
  return parts.map((part) =>
    part.startsWith(`${baseUrl}/`) ? html`<a href="${part}">${part}</a>` : html`${part}`,
  );
}
