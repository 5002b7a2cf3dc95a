import type { Errors } from "../routes.js";

/** What can go wrong with any request, before a route runs and while it does. */
export const commonErrors = {
  invalid_input: "A field is missing or invalid, or the body isn't an object.",
  malformed_body: "The body can't be parsed as its content type.",
  vetoed: "The application rejected the request. The token is still valid.",
  cross_site: "A browser sent a form from another site, which isn't in `origins`.",
  method_not_allowed: "The method isn't POST or OPTIONS.",
  not_acceptable: "`Accept` allows neither of the two response types.",
  body_timeout: "The body took too long to arrive.",
  body_too_large: "The body is too large.",
  unsupported_media_type: "The body isn't JSON or a form, is compressed, or isn't encoded as UTF-8.",
  throttled: "Rate limit exceeded. Retry after `Retry-After` seconds.",
  internal: "Something went wrong on the server.",
  unavailable: "Temporarily unavailable. Nothing was lost: retry after `Retry-After` seconds.",
} satisfies Errors;
