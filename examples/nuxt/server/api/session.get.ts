import { userOf } from "../utils/sessions";

export default defineEventHandler(async (event) => {
  const user = await userOf(getCookie(event, "session"));
  return { email: user?.email ?? null };
});
