import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Env } from "./env.js";
import { passwordResets } from "./password-reset.js";
import { signIn, userOf } from "./sessions.js";

const app = new Hono<{ Bindings: Env }>();

app.all("/api/password_reset/*", async (c, next) => (await passwordResets(c.env)).api(c, next));

app.get("/", async (c) => {
  const user = await userOf(c.env, getCookie(c, "session"));
  if (!user) return c.redirect("/login", 303);
  return c.html(page(html`<h1>Signed in as ${user.email}</h1>`));
});

app.get("/login", (c) => c.html(signInPage()));

app.post("/login", async (c) => {
  const { email, password } = await c.req.parseBody();
  const cookie = await signIn(c.env, String(email), String(password));
  if (!cookie) return c.html(signInPage("Incorrect email or password."), 401);
  setCookie(c, "session", cookie, { httpOnly: true, sameSite: "Lax", secure: true });
  return c.redirect("/", 303);
});

// The pages know their paths, and pass other requests on.
app.use("*", async (c, next) => (await passwordResets(c.env)).pages(c, next));

const page = (main: unknown) => html`<!doctype html>
  <html lang="en">
    <meta name="viewport" content="width=device-width" />
    <title>Example</title>
    <main>${main}</main>
  </html>`;

const signInPage = (problem?: string) =>
  page(html`
    <form method="post">
      <h1>Sign in</h1>
      ${problem && html`<p role="alert">${problem}</p>`}
      <p><label>Email <input name="email" type="email" autocomplete="username" required /></label></p>
      <p>
        <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
      </p>
      <button>Sign in</button>
      <a href="/forgot-password">Forgot your password?</a>
    </form>
  `);

export default {
  fetch: app.fetch,
  async scheduled(_event: unknown, env: Env, context: { waitUntil(work: Promise<unknown>): void }) {
    const { reset } = await passwordResets(env);
    context.waitUntil(reset.drain());
  },
};
