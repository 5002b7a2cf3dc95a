/**
 * The responses: JSON as django-rest-passwordreset writes it, or problem details (RFC 9457).
 *
 * @module
 */
import type { ResetError } from "../errors.js";
import type { Sentences } from "../locales/en.js";
import { pickSentences } from "../locales/pick.js";
import type { HttpResponse, Problem } from "../types.js";
import type { ErrorForm } from "./negotiate.js";

/** Media types of responses. The first is the default. */
export const renders = ["application/json", "application/problem+json"] as const;
/** Media types of bodies that are accepted. */
export const parses = [
  "application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
] as const;

/** On every response. */
export const everywhere = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
const json = {
  "content-type": "application/json",
  vary: "Accept",
  allow: "POST, OPTIONS",
  ...everywhere,
};

const ok: HttpResponse = { status: 200, headers: json, body: '{"status":"OK"}' };

/** The flow handle, in both directions. See `PasswordReset.request`. */
export const flowHeader = "reset-flow";

/** The response to a success; with `validateReveals`, it includes what that returned. */
export function succeed(reveals?: Readonly<Record<string, unknown>>, flow?: string): HttpResponse {
  if (flow !== undefined) return { ...ok, headers: { ...ok.headers, [flowHeader]: flow } };
  return { ...ok, body: JSON.stringify({ status: "OK", ...reveals }) };
}

/** The response to `OPTIONS`. */
export function describe(name: string, description: string): HttpResponse {
  const body = JSON.stringify({ name, description, renders, parses });
  return { status: 200, headers: json, body };
}

/** The response to a path that isn't handled: for servers without other routes. */
export const notFound: HttpResponse = {
  status: 404,
  headers: { "content-type": "application/json", ...everywhere },
  body: JSON.stringify({ detail: pickSentences(undefined).api.not_found }),
};

export interface RefusalContext {
  readonly form: ErrorForm;
  readonly say: Sentences;
  /** Name of the identifier's field in bodies. */
  readonly field: string;
}

/** The response to an error: what django-rest-passwordreset sends, or the same inside problem details. */
export function refuse(error: ResetError, { form, say, field }: RefusalContext): HttpResponse {
  const { status } = error;
  const byField = fieldErrors(error, say, field);
  const wait = retryAfter(error);
  const headers = wait === undefined ? json : { ...json, "retry-after": String(wait) };
  if (form === "json") {
    const body = JSON.stringify(byField ?? { detail: sentenceOf(error, say) });
    return { status, headers, body };
  }
  const body = JSON.stringify({
    type: "about:blank",
    title: titles[status],
    status,
    code: error.code,
    ...(byField ? { errors: byField } : { detail: sentenceOf(error, say) }),
  });
  return { status, headers: { ...headers, "content-type": "application/problem+json" }, body };
}

/** RFC 9110 §15, for `title`: with `about:blank` it names the status. `code` tells cases apart. */
const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
};

/** The seconds of `Retry-After`, if the status has one. */
export function retryAfter({ status, retryAfter: seconds }: ResetError): number | undefined {
  if (status === 429) return Math.max(1, Math.ceil(seconds ?? 60));
  if (status === 503) return Math.max(1, Math.ceil(seconds ?? 5));
  return undefined;
}

type FieldErrors = Readonly<Record<string, readonly string[]>>;

function fieldErrors(error: ResetError, say: Sentences, field: string): FieldErrors | undefined {
  switch (error.code) {
    case "invalid_input":
      return Object.fromEntries(
        Object.entries(error.fields).map(([name, codes]) => [
          name === "identifier" ? field : name,
          codes.map((code) => (isKey(say.api.fields, code) ? say.api.fields[code] : code)),
        ]),
      );
    case "weak_password":
      return { password: error.problems.map((problem) => problemSentence(problem, say)) };
    case "second_factor":
      return { second_factor: [say.api.second_factor] };
    case "unknown_account":
      return { [field]: [say.api.unknown_account] };
    default:
      return undefined;
  }
}

/** Why a password was rejected: the language's own sentence if it knows the code, otherwise the validator's. */
export function problemSentence({ code, params, message }: Problem, say: Sentences): string {
  if (!isKey(say.problems, code)) return message;
  const sentence = say.problems[code] as (given: Problem["params"]) => string;
  return params || sentence.length === 0 ? sentence(params) : message;
}

function sentenceOf(error: ResetError, say: Sentences): string {
  switch (error.code) {
    case "malformed_body":
    case "unsupported_media_type":
    case "method_not_allowed":
      // Already in the client's language: these messages depend on what was wrong.
      return error.message;
    case "throttled":
      return say.api.throttled(retryAfter(error)!);
    default:
      // The other two never get here: they're reported by field.
      return say.api[error.code as Exclude<typeof error.code, "invalid_input" | "weak_password">];
  }
}

function isKey<T extends object>(table: T, key: string): key is keyof T & string {
  return Object.hasOwn(table, key);
}
