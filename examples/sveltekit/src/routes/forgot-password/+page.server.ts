import { fail } from "@sveltejs/kit";
import { createClient } from "resetkit/client";
import type { Actions } from "./$types";

export const actions: Actions = {
  async default({ request, fetch }) {
    const identifier = String((await request.formData()).get("email"));
    // SvelteKit's own fetch calls the route of this server without a connection.
    const outcome = await createClient({ baseUrl: "/api/password_reset", fetch }).request({ identifier });
    return outcome.ok ? { isSent: true } : fail(400, { problem: outcome.message });
  },
};
