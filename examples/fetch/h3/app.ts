import { getRequestIP, H3 } from "h3";
import { handler } from "./password-reset.js";

export const app = new H3().all("/api/password_reset/**", (event) =>
  handler(event.req, { peer: getRequestIP(event) }),
);
