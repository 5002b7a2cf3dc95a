/** Requests made out of an OpenAPI document, good ones and bad ones, and the check of what they are answered. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import fc from "fast-check";
import type { ApiDocument, Described } from "../../src/http/docs/openapi.js";

/** One request, in so far as `fetch` can send it. */
export interface Asked {
  readonly path: string;
  readonly method: string;
  readonly accept: string | undefined;
  /** Absent for forms, which know their own. */
  readonly type: string | undefined;
  readonly body: string | URLSearchParams | FormData | undefined;
}

/** Sends a request to where the document says that the API is, on some host. */
export function toRequest(origin: string, { servers }: ApiDocument, asked: Asked): Request {
  const { path, method, accept, type, body } = asked;
  return new Request(origin + servers[0]!.url.replace(/\/$/, "") + path, {
    method,
    headers: { ...(accept !== undefined && { accept }), ...(type !== undefined && { "content-type": type }) },
    ...(body !== undefined && { body }),
  });
}

/** Says what is wrong with an answer by the document: nothing, where the document holds. */
export function checkerOf(document: ApiDocument) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "api", false, false);
  const checks = new Map<string, ValidateFunction>();
  const validate = (pointer: string, value: unknown) => {
    const escaped = pointer.split(" ").map((part) => part.replaceAll("/", "~1"));
    const check = checks.get(pointer) ?? ajv.compile({ $ref: `api#/${escaped.join("/")}` });
    checks.set(pointer, check);
    return check(value) ? [] : [ajv.errorsText(check.errors)];
  };

  return async ({ path, method }: Asked, answer: Response): Promise<readonly string[]> => {
    const key = path.endsWith("/") ? path : `${path}/`;
    const verb = method === "OPTIONS" ? "options" : "post";
    const status = String(answer.status);
    const described: Described | undefined = document.paths[key]?.[verb].responses[status];
    if (!described) return [`${method} ${key} is not described to give ${status}`];
    const problems = answer.status >= 500 ? [`${method} ${key} gave ${status}`] : [];
    for (const name of Object.keys(described.headers)) {
      const value = answer.headers.get(name);
      const read = name === "Retry-After" ? Number(value) : value;
      problems.push(...validate(`components headers ${name} schema`, read));
    }
    const type = answer.headers.get("content-type") ?? "none";
    if (!described.content[type]) return [...problems, `${method} ${key} ${status} came as ${type}`];
    const text = await answer.text();
    if (method === "HEAD") return text === "" ? problems : [...problems, "HEAD has a body"];
    const at = `paths ${key} ${verb} responses ${status} content ${type} schema`;
    return [...problems, ...validate(at, JSON.parse(text))];
  };
}

/** Values that are worth sending, by the name of the field: those that exist, besides invented ones. */
export type Known = Readonly<Record<string, readonly string[]>>;

/** About one request in three is as the document wants it. The others are wrong somewhere. */
export function requestsOf(document: ApiDocument, known: Known): fc.Arbitrary<Asked> {
  return fc.constantFrom(...Object.keys(document.paths)).chain((path) => {
    const fields = fieldsOf(document, path, known);
    const types = Object.keys(document.paths[path]!.post.requestBody!.content);
    return fc
      .record({
        method: fc.oneof({ weight: 12, arbitrary: fc.constant("POST") }, fc.constantFrom(...otherMethods)),
        hasSlash: fc.boolean(),
        accept: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(undefined, ...accepted) }, anyHeader),
        type: fc.constantFrom(...types),
        otherType: seldom(fc.oneof(fc.constantFrom(...otherTypes), anyHeader)),
        members: fc.oneof(
          { weight: 3, arbitrary: fields.good },
          { weight: 2, arbitrary: fields.bad },
          { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
        ),
        text: seldom(fc.oneof({ weight: 2, arbitrary: fc.string({ unit: "binary" }) }, fc.constant(tooMuch))),
      })
      .map(({ method, hasSlash, accept, type, otherType, members, text }): Asked => {
        const hasBody = method !== "GET" && method !== "HEAD";
        const body = text ?? encode(type, members);
        return {
          path: hasSlash ? path : path.slice(0, -1),
          method,
          accept,
          type: otherType ?? (typeof body === "string" && hasBody ? type : undefined),
          body: hasBody ? body : undefined,
        };
      });
  });
}

/** More than is read by default, of a kind that would be read. */
const tooMuch = JSON.stringify({ email: "ada@example.com", more: "x".repeat(20_000) });

const otherMethods = ["OPTIONS", "OPTIONS", "GET", "HEAD", "PUT", "PATCH", "DELETE"];
const otherTypes = [
  "text/plain",
  "application/xml",
  "application/json; charset=latin1",
  "multipart/form-data",
];
const accepted = [
  "*/*",
  "application/json",
  "application/problem+json",
  "application/*;q=0.5, application/problem+json",
  "text/html, */*;q=0.1",
  "text/html",
];

function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 11, arbitrary: fc.constant(undefined) }, arbitrary);
}

const anyHeader = fc.string({ unit: "grapheme-ascii", maxLength: 40 });

function fieldsOf({ paths, components }: ApiDocument, path: string, known: Known) {
  const { $ref } = Object.values(paths[path]!.post.requestBody!.content)[0]!.schema as { $ref: string };
  const { properties, required } = components.schemas[$ref.split("/").at(-1)!] as {
    properties: Record<string, { type: string; format?: string; minLength?: number; maxLength?: number }>;
    required: string[];
  };
  const values = Object.fromEntries(
    Object.entries(properties).map(([name, { format, minLength, maxLength }]) => {
      const text = fc.string({
        unit: "grapheme",
        ...(minLength && { minLength }),
        maxLength: maxLength ?? 200,
      });
      const made = format === "email" ? fc.emailAddress() : text;
      const given = known[name] ?? [];
      if (given.length === 0) return [name, made];
      return [name, fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...given) }, made)];
    }),
  );
  const anything = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.string({ unit: "binary" }), fc.constant(""));
  const spoiled = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, fc.oneof(value, anything)]),
  );
  return {
    good: fc.record(values, { requiredKeys: required }),
    bad: fc
      .tuple(fc.record(spoiled, { requiredKeys: [] }), fc.dictionary(fc.string(), anything, { maxKeys: 2 }))
      .map(([one, other]) => ({ ...other, ...one })),
  };
}

function encode(type: string, members: unknown): Asked["body"] {
  if (type === "application/json") return JSON.stringify(members);
  const form = type === "multipart/form-data" ? new FormData() : new URLSearchParams();
  for (const [name, value] of Object.entries(members ?? {})) {
    form.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return form;
}
