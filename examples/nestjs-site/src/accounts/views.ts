import { html, type Html } from "resetkit/html";

export const accountPage = (email: string) => page(html`<h1>Signed in as ${email}</h1>`);

export const signInPage = (problem?: string) =>
  page(html`
    <form method="post" action="/login">
      <h1>Sign in</h1>
      ${problem && html`<p role="alert">${problem}</p>`}
      <p>
        <label>Email <input name="email" type="email" autocomplete="username" required /></label>
      </p>
      <p>
        <label>
          Password <input name="password" type="password" autocomplete="current-password" required />
        </label>
      </p>
      <button>Sign in</button>
      <a href="/forgot-password">Forgot your password?</a>
    </form>
  `);

const page = (content: Html) =>
  html`<!doctype html>
    <html lang="en">
      <meta name="viewport" content="width=device-width" />
      <title>Example</title>
      <main>${content}</main>
    </html>`.toString();
