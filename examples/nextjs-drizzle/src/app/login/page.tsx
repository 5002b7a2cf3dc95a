"use client";
import { useActionState } from "react";
import { submit } from "./actions";

export default function SignIn() {
  const [problem, action, isPending] = useActionState(submit, "");
  return (
    <form action={action}>
      <h1>Sign in</h1>
      {problem && <p role="alert">{problem}</p>}
      <label>
        Email <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button disabled={isPending}>Sign in</button>
      {/* Not a Link of Next.js: this page is a route of its own, with no part of React's to load ahead. */}
      <a href="/forgot-password">Forgot your password?</a>
    </form>
  );
}
