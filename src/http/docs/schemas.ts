/**
 * Request and response bodies as JSON Schema (2020-12, which OpenAPI 3.1 uses).
 *
 * @module
 */
import { errorStatus } from "../../errors.js";
import type { FieldKind } from "../fields.js";
import type { Route } from "../routes.js";

export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const sentences: Schema = { type: "array", items: text, minItems: 1 };

/** The same for every route. */
export const sharedSchemas: Readonly<Record<string, Schema>> = {
  About: object({
    name: text,
    description: text,
    renders: { type: "array", items: text },
    parses: { type: "array", items: text },
  }),
  Detail: object({ detail: text }),
  Problem: {
    type: "object",
    description: "RFC 9457. Tell cases apart by `code`.",
    properties: {
      type: { const: "about:blank" },
      title: text,
      status: { type: "integer" },
      code: { enum: Object.keys(errorStatus) },
      detail: text,
      errors: { type: "object", additionalProperties: sentences },
    },
    required: ["type", "title", "status", "code"],
    oneOf: [{ required: ["detail"] }, { required: ["errors"] }],
  },
};

/** The request body. */
export function bodySchema({ fields }: Route): Schema {
  return {
    type: "object",
    properties: Object.fromEntries(
      fields.map(({ name, kind, description, example }) => [
        name,
        { type: "string", ...formats[kind], description, examples: [example] },
      ]),
    ),
    required: fields.filter(({ required }) => required).map(({ name }) => name),
  };
}

/** The body of a success. */
export function okSchema({ reveals }: Route): Schema {
  return { ...object({ status: { const: "OK" } }), additionalProperties: reveals };
}

/** What's wrong with a body, by field. */
export function errorsSchema({ fields }: Route): Schema {
  const names = [...fields.map(({ name }) => name), "non_field_errors"];
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, sentences])),
    minProperties: 1,
    additionalProperties: false,
  };
}

/** The name of a route's own schema: `ConfirmBody`. */
export function nameOf({ stage }: Route, what: "Body" | "Ok" | "Errors"): string {
  return stage.charAt(0).toUpperCase() + stage.slice(1) + what;
}

export function refTo(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const formats: Readonly<Record<FieldKind, Schema>> = {
  address: { format: "email", maxLength: 254 },
  text: { minLength: 1, maxLength: 254 },
  token: { minLength: 1 },
  password: { format: "password", minLength: 1 },
};

/** An object with all of these properties, and no others. */
function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
