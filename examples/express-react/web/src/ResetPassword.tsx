import { useLinkToken, useResetPassword } from "resetkit/react";
import { Link } from "react-router";
import { client } from "./api.js";

export function ResetPassword() {
  // Takes it out of the address bar at once; React Router keeps showing this page.
  const token = useLinkToken("/reset-password");
  if (token === undefined) return null;
  return token === null ? <Expired /> : <ChoosePassword token={token} />;
}

function ChoosePassword({ token }: { token: string }) {
  const { status, message, errors, isPending, save } = useResetPassword(client, token);
  if (status === "expired") return <Expired />;
  if (status === "done")
    return (
      <div role="status">
        <h1>Your password is saved</h1>
        <Link to="/login">Sign in</Link>
      </div>
    );
  return (
    <form action={(form) => save(String(form.get("password")))}>
      <h1>Choose a new password</h1>
      {message && <p role="alert">{message}</p>}
      <label>
        New password <input name="password" type="password" autoComplete="new-password" required />
      </label>
      {errors.password?.map((error) => (
        <p key={error} role="alert">
          {error}
        </p>
      ))}
      <button disabled={isPending}>Save password</button>
    </form>
  );
}

function Expired() {
  return (
    <div role="status">
      <h1>This link no longer works</h1>
      <p>Reset links expire, and each one works only once.</p>
      <Link to="/forgot-password">Request a new link</Link>
    </div>
  );
}
