import { passwordResets } from "$lib/server/password-reset";
import type { RequestHandler } from "./$types";

export const trailingSlash = "ignore";

/** With ADDRESS_HEADER and XFF_DEPTH, `getClientAddress` is what the reverse proxy reports. */
export const fallback: RequestHandler = ({ request, getClientAddress }) =>
  passwordResets().handler(request, { ip: getClientAddress() });
