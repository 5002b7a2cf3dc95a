/**
 * The API's description of itself (OpenAPI 3.1), made from the route table. Its examples and headers match the real
 * responses: the same functions make them.
 *
 * @module
 */
import { ResetError, type ErrorCode, type ErrorDetails } from "../../errors.js";
import { en } from "../../locales/en.js";
import type { HttpResponse } from "../../types.js";
import { describe, parses, refuse, renders, succeed } from "../answers.js";
import type { Errors, Route } from "../routes.js";
import { commonErrors } from "./common-errors.js";
import { bodySchema, errorsSchema, nameOf, okSchema, refTo, sharedSchemas, type Schema } from "./schemas.js";

/** An API as an application has mounted it. */
export interface Api {
  /** The path that all others begin with; empty at the root. */
  readonly base: string;
  /** Name of the identifier's field in bodies. */
  readonly field: string;
  readonly routes: readonly Route[];
}

export interface ApiDocument {
  readonly openapi: "3.1.1";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly [];
  readonly paths: Readonly<Record<string, { readonly post: Operation; readonly options: Operation }>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly headers: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  /** By status. */
  readonly responses: Readonly<Record<string, Described>>;
}

/** All responses with one status. */
export interface Described {
  readonly description: string;
  readonly headers: Readonly<Record<string, Schema>>;
  /** By media type. */
  readonly content: Readonly<Record<string, Content>>;
}

export interface Content {
  readonly schema: Schema;
  /** By error code, or `OK`. */
  readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
}

/** Describes the routes that are there, in English. */
export function describeApi({ base, field, routes }: Api): ApiDocument {
  const paths = routes.map((route) => {
    const item = { post: postOf(route, field), options: optionsOf(route, field) };
    return [`${route.path}/`, item] as const;
  });
  const schemas = routes.map((route) => ({
    [nameOf(route, "Body")]: bodySchema(route),
    [nameOf(route, "Ok")]: okSchema(route),
    [nameOf(route, "Errors")]: errorsSchema(route),
  }));
  // This response has every header that any response has.
  const throttled = refuse(new ResetError("throttled"), { form: "json", say: en, field });
  return {
    openapi: "3.1.1",
    info: {
      title: "Password reset",
      version: "1",
      description:
        "Lets users who forgot their password set a new one. Each path works with and without a slash at its end. Errors are JSON, or problem details (RFC 9457) if `Accept` names `application/problem+json`. Their sentences are in the language of `Accept-Language`.",
    },
    // One slash, even if the mount is a pattern that the client fills in: `//host` would be another server.
    servers: [{ url: `/${base.replace(/^[/\\]+/, "")}` }],
    security: [],
    paths: Object.fromEntries(paths),
    components: {
      schemas: Object.assign({}, sharedSchemas, ...schemas) as Record<string, Schema>,
      headers: headerSchemas(throttled),
    },
  };
}

function postOf(route: Route, field: string): Operation {
  const schema = refTo(nameOf(route, "Body"));
  return {
    operationId: `${route.stage}PasswordReset`,
    summary: route.name,
    description: route.description,
    requestBody: { required: true, content: Object.fromEntries(parses.map((type) => [type, { schema }])) },
    responses: {
      200: success(route.success, succeed(), refTo(nameOf(route, "Ok"))),
      ...refusals({ ...commonErrors, ...route.errors }, route, field),
    },
  };
}

function optionsOf(route: Route, field: string): Operation {
  const answer = describe(route.name, route.description);
  return {
    operationId: `${route.stage}PasswordResetOptions`,
    summary: `About: ${route.name}`,
    description: "Describes the media types that are read and written.",
    responses: {
      200: success("What this endpoint is.", answer, refTo("About")),
      ...refusals({ not_acceptable: commonErrors.not_acceptable }, route, field),
    },
  };
}

function success(description: string, answer: HttpResponse, schema: Schema): Described {
  const [json] = renders;
  const examples = { OK: { value: JSON.parse(answer.body) as unknown } };
  return { description, headers: headerRefs(answer), content: { [json]: { schema, examples } } };
}

/** The responses to errors, by status. */
function refusals(errors: Errors, route: Route, field: string): Record<string, Described> {
  const byStatus = new Map<number, Refusals>();
  for (const [code, description] of Object.entries(errors)) {
    const refusal = sampleRefusal(code as ErrorCode, description, route, field);
    const [{ status }] = refusal.answers;
    const others = byStatus.get(status);
    byStatus.set(status, others ? [...others, refusal] : [refusal]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [status, describedOf(status, all, route)] as const),
  );
}

interface Refusal {
  readonly code: ErrorCode;
  readonly description: string;
  /** In each error format. */
  readonly answers: readonly [HttpResponse, ...HttpResponse[]];
}

type Refusals = readonly [Refusal, ...Refusal[]];

function sampleRefusal(code: ErrorCode, description: string, route: Route, field: string): Refusal {
  const error = new ResetError(code, detailsOf(code, route));
  const answer = (form: "json" | "problem") => refuse(error, { form, say: en, field });
  // A client that accepts neither format gets the simpler one.
  const others = code === "not_acceptable" ? [] : [answer("problem")];
  return { code, description, answers: [answer("json"), ...others] };
}

function detailsOf(code: ErrorCode, { fields }: Route): ErrorDetails {
  switch (code) {
    case "invalid_input":
      return { fields: { [fields[0].name]: ["required"] } };
    case "weak_password":
      return { problems: [{ code: "too_short", params: { min: 8 }, message: "" }] };
    case "malformed_body":
      return { message: en.api.malformed_body.json };
    case "unsupported_media_type":
      return { message: en.api.unsupported_media_type("text/plain") };
    case "method_not_allowed":
      return { message: en.api.method_not_allowed("GET") };
    default:
      return {};
  }
}

function describedOf(status: number, refusals: Refusals, route: Route): Described {
  const content: Record<string, Content> = {};
  for (const { code, answers } of refusals) {
    for (const { headers, body } of answers) {
      const type = String(headers["content-type"]);
      const schema =
        type === renders[0] ? plainSchema(refusals, route) : problemSchema(status, refusals, route);
      const examples = { ...content[type]?.examples, [code]: { value: JSON.parse(body) as unknown } };
      content[type] = { schema, examples };
    }
  }
  return {
    description: refusals.map(({ code, description }) => `\`${code}\`: ${description}`).join("\n\n"),
    headers: headerRefs(refusals[0].answers[0]),
    content,
  };
}

/** As django-rest-passwordreset reports errors: by field, or in one sentence. */
function plainSchema(refusals: readonly Refusal[], route: Route): Schema {
  const names = refusals.map(({ answers: [json] }) =>
    "detail" in (JSON.parse(json.body) as object) ? "Detail" : nameOf(route, "Errors"),
  );
  const schemas = [...new Set(names)].map(refTo);
  const [first, ...more] = schemas;
  return first && more.length === 0 ? first : { oneOf: schemas };
}

function problemSchema(status: number, refusals: readonly Refusal[], route: Route): Schema {
  const properties = {
    status: { const: status },
    code: { enum: refusals.map(({ code }) => code) },
    errors: refTo(nameOf(route, "Errors")),
  };
  return { allOf: [refTo("Problem"), { type: "object", properties }] };
}

function headerRefs(answer: HttpResponse): Record<string, Schema> {
  const names = Object.keys(headerSchemas(answer));
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function headerSchemas({ headers }: HttpResponse): Record<string, { schema: Schema }> {
  const { "content-type": _, ...described } = headers;
  return Object.fromEntries(
    Object.entries(described).map(([name, value]) => [
      name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
      { schema: name === "retry-after" ? { type: "integer", minimum: 1 } : { type: "string", const: value } },
    ]),
  );
}
