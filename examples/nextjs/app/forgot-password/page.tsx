"use client";
import { useActionState } from "react";
import { createClient } from "resetkit/client";

const client = createClient({ baseUrl: "/api/password_reset" });

export default function ForgotPassword() {
  const [message, ask, isPending] = useActionState(async (_: string, form: FormData) => {
    const outcome = await client.request({ identifier: String(form.get("email")) });
    return outcome.ok ? "If there is such an account, a mail is on its way." : outcome.message;
  }, "");

  return (
    <form action={ask}>
      <h1>Forgot your password?</h1>
      <label>
        Email <input name="email" type="email" autoComplete="email" required />
      </label>
      <button disabled={isPending}>Send a link</button>
      <p role="status">{message}</p>
    </form>
  );
}
