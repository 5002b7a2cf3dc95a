import { useActionState } from "react";
import { Link, useNavigate } from "react-router";
import { signIn } from "./api.js";

export function SignIn() {
  const navigate = useNavigate();
  const [problem, submit, isPending] = useActionState(async (_: string, form: FormData) => {
    if (!(await signIn(String(form.get("email")), String(form.get("password")))))
      return "Incorrect email or password.";
    await navigate("/");
    return "";
  }, "");

  return (
    <form action={submit}>
      <h1>Sign in</h1>
      {problem && <p role="alert">{problem}</p>}
      <label>
        Email <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button disabled={isPending}>Sign in</button>
      <Link to="/forgot-password">Forgot your password?</Link>
    </form>
  );
}
