import type { Errors } from "../routes.js";

/** What can go wrong with any request, before a route runs and while it does. */
export const commonErrors: Errors = {
  invalid_input: "A field is missing or not what it has to be, or the body is no object.",
  malformed_body: "The body cannot be read as what its type says.",
  vetoed: "The application says no. A token stays good.",
  method_not_allowed: "The method is another than POST or OPTIONS.",
  not_acceptable: "`Accept` admits neither of the two types of answers.",
  body_timeout: "The body took too long to arrive.",
  body_too_large: "The body is too large.",
  unsupported_media_type: "The body is neither JSON nor a form, or is packed, or not in UTF-8.",
  throttled: "Too many requests. `Retry-After` says how many seconds to wait.",
  internal: "Something went wrong on the server.",
  unavailable: "The server is busy. Nothing was lost; try again after `Retry-After` seconds.",
};
