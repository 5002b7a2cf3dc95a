import { useForgotPassword } from "resetkit/react";
import { Link } from "react-router";

const client = { baseUrl: "/api/password_reset" };

export default function ForgotPassword() {
  const { status, message, errors, isPending, request } = useForgotPassword(client);
  if (status === "sent")
    return (
      <div role="status">
        <h1>Check your inbox</h1>
        <p>If an account matches what you entered, a reset link is on its way.</p>
      </div>
    );
  return (
    <form action={(form) => request(String(form.get("email")))}>
      <h1>Forgot your password?</h1>
      {message && <p role="alert">{message}</p>}
      <label>
        Email <input name="email" type="email" autoComplete="username" required />
      </label>
      {errors.identifier?.map((error) => (
        <p key={error} role="alert">
          {error}
        </p>
      ))}
      <button disabled={isPending}>Send reset link</button>
      <Link to="/login">Back to sign in</Link>
    </form>
  );
}
