import { Elysia, type Context } from "elysia";
import { handler } from "./password-reset.js";

const answer = ({ request, server }: Context) =>
  handler(request, { peer: server?.requestIP(request)?.address });

export const app = new Elysia()
  .all("/api/password_reset", answer, { parse: "none" })
  .all("/api/password_reset/*", answer, { parse: "none" });
