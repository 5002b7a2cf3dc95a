import { createClient } from "resetkit/client";

/** Where the API is: another origin than this page's. Set when the front end is built. */
const api: string = import.meta.env.VITE_API_URL ?? "http://localhost:3000";

export const client = createClient({ baseUrl: `${api}/api/password_reset` });

/** Returns whether the email address and the password were right. */
export async function signIn(email: string, password: string): Promise<boolean> {
  const response = await fetch(`${api}/api/session`, {
    method: "POST",
    credentials: "include",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  return response.ok;
}

/** Returns who is signed in, or `null`. */
export async function session(): Promise<{ email: string } | null> {
  const response = await fetch(`${api}/api/session`, { credentials: "include" });
  return response.ok ? response.json() : null;
}
