/**
 * What frameworks mount that speak `Request` and `Response`: one function, made of your engine. (Here it is that
 * of the example for Drizzle.)
 *
 * @module
 */
import { drizzle } from "drizzle-orm/node-postgres";
import { toConsole } from "resetkit/delivery/console";
import { createHandler } from "resetkit/http";
import { createReset } from "../drizzle/password-reset.js";

const reset = createReset(drizzle(process.env.DATABASE_URL!), {
  secret: process.env.RESET_SECRET!,
  url: "https://app.example.com/reset-password/{token}",
  deliver: toConsole(),
});

export const handler = createHandler(reset, { basePath: "/api/password_reset" });
