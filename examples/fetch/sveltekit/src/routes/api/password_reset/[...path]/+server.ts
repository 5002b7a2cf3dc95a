import { handler } from "$lib/server/password-reset";
import type { RequestHandler } from "./$types";

export const trailingSlash = "ignore";
export const fallback: RequestHandler = ({ request, getClientAddress }) =>
  handler(request, { peer: getClientAddress() });
