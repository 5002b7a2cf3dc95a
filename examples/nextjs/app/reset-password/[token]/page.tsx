"use client";
import { useParams } from "next/navigation";
import { useActionState, useEffect, useState } from "react";
import { createClient } from "resetkit/client";

const client = createClient({ baseUrl: "/api/password_reset" });

export default function ResetPassword() {
  const [token] = useState(useParams<{ token: string }>().token);
  // Off the address, so that no history and no referrer keeps it.
  useEffect(() => history.replaceState(null, "", "/reset-password"), []);

  const [message, confirm, isPending] = useActionState(async (_: string, form: FormData) => {
    const outcome = await client.confirm({ token, password: String(form.get("password")) });
    if (outcome.ok) return "Your password is changed.";
    return outcome.code === "weak_password" ? outcome.problems.join(" ") : outcome.message;
  }, "");

  return (
    <form action={confirm}>
      <h1>Choose a new password</h1>
      <label>
        New password <input name="password" type="password" autoComplete="new-password" required />
      </label>
      <button disabled={isPending}>Change it</button>
      <p role="status">{message}</p>
    </form>
  );
}
