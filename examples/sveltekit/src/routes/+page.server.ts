import { redirect } from "@sveltejs/kit";
import { userOf } from "$lib/server/sessions";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ cookies }) => {
  const user = await userOf(cookies.get("session"));
  if (!user) redirect(303, "/login");
  return { email: user.email };
};
