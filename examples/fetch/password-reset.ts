/**
 * What frameworks that speak `Request` and `Response` mount: one function, made of your engine.
 *
 * @module
 */
import { createHandler } from "resetkit/http";
import { reset } from "./engine.js"; // passwordReset({ … })

export const handler = createHandler(reset, { basePath: "/api/password_reset" });
