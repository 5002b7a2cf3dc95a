import { data, Form, Link, redirect } from "react-router";
import { sessionCookie, signIn } from "../lib/sessions.server";
import type { Route } from "./+types/sign-in";

export async function action({ request }: Route.ActionArgs) {
  const form = await request.formData();
  const cookie = await signIn(String(form.get("email")), String(form.get("password")));
  if (!cookie) return data({ problem: "Incorrect email or password." }, 401);
  return redirect("/", { headers: { "set-cookie": await sessionCookie.serialize(cookie) } });
}

export default function SignIn({ actionData }: Route.ComponentProps) {
  return (
    <Form method="post">
      <h1>Sign in</h1>
      {actionData?.problem && <p role="alert">{actionData.problem}</p>}
      <label>
        Email <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button>Sign in</button>
      <Link to="/forgot-password">Forgot your password?</Link>
    </Form>
  );
}
