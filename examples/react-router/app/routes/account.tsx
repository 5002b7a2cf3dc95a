import { redirect } from "react-router";
import { sessionCookie, userOf } from "../lib/sessions.server";
import type { Route } from "./+types/account";

export async function loader({ request }: Route.LoaderArgs) {
  const user = await userOf(await sessionCookie.parse(request.headers.get("cookie")));
  if (!user) throw redirect("/login");
  return { email: user.email };
}

export default function Account({ loaderData }: Route.ComponentProps) {
  return <h1>Signed in as {loaderData.email}</h1>;
}
