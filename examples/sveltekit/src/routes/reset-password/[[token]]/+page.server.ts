import { fail } from "@sveltejs/kit";
import { createClient } from "resetkit/client";
import type { Actions, PageServerLoad } from "./$types";

/** Opening a link consumes nothing: mail scanners open links, too. */
export const load: PageServerLoad = ({ params }) => ({ token: params.token });

export const actions: Actions = {
  async default({ request, fetch }) {
    const form = await request.formData();
    const [token, password] = [String(form.get("token")), String(form.get("password"))];
    const outcome = await createClient({ baseUrl: "/api/password_reset", fetch }).confirm({
      token,
      password,
    });
    if (outcome.ok) return { isSaved: true };
    if (outcome.code === "invalid_token") return fail(404, { isExpired: true });
    const problems = outcome.code === "weak_password" ? outcome.problems : [outcome.message];
    return fail(400, { token, problems });
  },
};
