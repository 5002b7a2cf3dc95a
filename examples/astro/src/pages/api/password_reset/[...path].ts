import type { APIRoute } from "astro";
import { handler } from "../../../lib/password-reset";

export const ALL: APIRoute = ({ request, clientAddress }) => handler(request, { peer: clientAddress });
