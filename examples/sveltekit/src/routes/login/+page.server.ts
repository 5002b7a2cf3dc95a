import { fail, redirect } from "@sveltejs/kit";
import { signIn } from "$lib/server/sessions";
import type { Actions } from "./$types";

export const actions: Actions = {
  async default({ request, cookies }) {
    const form = await request.formData();
    const cookie = await signIn(String(form.get("email")), String(form.get("password")));
    if (!cookie) return fail(401, { problem: "Incorrect email or password." });
    cookies.set("session", cookie, { path: "/" }); // HttpOnly, SameSite=Lax, and Secure by default
    redirect(303, "/");
  },
};
