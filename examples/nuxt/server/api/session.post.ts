import { signIn } from "../utils/sessions";

export default defineEventHandler(async (event) => {
  const { email, password } = (await readBody(event)) ?? {};
  const cookie = await signIn(String(email), String(password));
  if (!cookie) throw createError({ statusCode: 401 });
  setCookie(event, "session", cookie, { httpOnly: true, sameSite: "lax", secure: true });
  return { ok: true };
});
