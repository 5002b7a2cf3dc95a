import { fromUtf8 } from "../crypto/encoding.js";
import { ResetError } from "../errors.js";
import type { Sentences } from "../locales/en.js";
import type { HttpBody, HttpRequest } from "../types.js";
import { parseForm, parseMultipart } from "./forms.js";
import { parseMediaType } from "./media-type.js";

/** What a body contains, by name. Inherited properties don't count. */
export interface Members {
  get(name: string): unknown;
  /** The digits of a number as they were sent: beyond 2^53, a JavaScript number has lost some. */
  numberText(name: string): string | undefined;
  names(): readonly string[];
}

/**
 * Reads a body strictly: JSON, form-urlencoded, or multipart by their exact types, in UTF-8 (JSON also in UTF-16, if
 * its type says so). An empty body contains nothing, whatever its type.
 *
 * Throws `malformed_body`, `unsupported_media_type`, or, for a body that isn't an object, `invalid_input`. The messages
 * are in the language of `say`.
 */
export function readMembers(request: HttpRequest, body: HttpBody, say: Sentences["api"]): Members {
  if (body.kind === "bytes" && body.bytes.length === 0) return noMembers;

  const contentType = request.header("content-type") ?? "";
  const { format, charset, boundary } = formatOf(contentType, say);
  const coding = request.header("content-encoding");
  // Nothing is decompressed: a kilobyte can hold a gigabyte.
  if (coding !== undefined && coding.trim().toLowerCase() !== "identity") {
    throw unsupported(`${contentType}; ${coding}`, say);
  }
  if (body.kind === "parsed") return membersOf(body.value, undefined, say);

  const text = decode(body.bytes, charset);
  if (text === null || text.charCodeAt(0) === byteOrderMark) throw malformed(say.malformed_body.encoding);
  if (format === "json") return membersOf(parseJson(text, say), text, say);
  const fields = format === "form" ? parseForm(text) : parseMultipart(text, boundary);
  if (!fields) throw malformed(say.malformed_body.form);
  return membersOf(fields, undefined, say);
}

const byteOrderMark = 0xfeff;

type Charset = "utf-8" | "utf-16" | "utf-16le" | "utf-16be";

interface Format {
  readonly format: "json" | "form" | "multipart";
  readonly charset: Charset;
  readonly boundary?: string | undefined;
}

const json: Format = { format: "json", charset: "utf-8" };

const formats: Readonly<Record<string, Format["format"]>> = {
  "application/json": "json",
  "application/x-www-form-urlencoded": "form",
  "multipart/form-data": "multipart",
};

/** Names of character sets, in lowercase. UTF-16 is for JSON only. */
const charsets: Readonly<Record<string, Charset>> = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  "utf-16": "utf-16",
  "utf-16le": "utf-16le",
  "utf-16be": "utf-16be",
};

function formatOf(contentType: string, say: Sentences["api"]): Format {
  if (contentType === "application/json") return json;
  const media = parseMediaType(contentType);
  const format = media && Object.hasOwn(formats, media.type) ? formats[media.type] : undefined;
  const named = media?.parameters.get("charset")?.toLowerCase() ?? "utf-8";
  const charset = Object.hasOwn(charsets, named) ? charsets[named] : undefined;
  if (!format || !charset || (format !== "json" && charset !== "utf-8")) throw unsupported(contentType, say);
  return { format, charset, boundary: media?.parameters.get("boundary") };
}

function decode(bytes: Uint8Array, charset: Charset): string | null {
  try {
    if (charset === "utf-8") return fromUtf8(bytes);
    return new TextDecoder(charset === "utf-16" ? utf16Of(bytes) : charset, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Plain "UTF-16" declares its byte order with a mark, and is little-endian without one (WHATWG Encoding §4.2). */
function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" {
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-16le";
}

function parseJson(text: string, say: Sentences["api"]): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(say.malformed_body.json);
  }
}

function membersOf(value: unknown, source: string | undefined, say: Sentences["api"]): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const sentence =
      value === null || value === undefined
        ? say.no_data
        : say.not_an_object(Array.isArray(value) ? "array" : typeof value);
    throw new ResetError("invalid_input", { message: sentence, fields: { non_field_errors: [sentence] } });
  }
  const members = value as Readonly<Record<string, unknown>>;
  return {
    get: (name) => (Object.hasOwn(members, name) ? members[name] : undefined),
    numberText: (name) =>
      source === undefined ? wholeNumberText(members[name]) : lastNumberText(source, name),
    names: () => Object.keys(members),
  };
}

const noMembers: Members = { get: () => undefined, numberText: () => undefined, names: () => [] };

/** A framework's parser has discarded the digits: only a safe integer still has all of them. */
function wholeNumberText(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

const jsonToken = /"(?:[^"\\]+|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * Returns the last number under a name of the top-level object, as it was written. The text has already been parsed, so
 * nothing is checked here.
 */
function lastNumberText(text: string, name: string): string | undefined {
  let depth = 0;
  let before = "";
  let key = "";
  let found: string | undefined;
  for (const [token] of text.matchAll(jsonToken)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token === ":") key = before;
    else if (depth === 1 && /^[-\d]/.test(token) && JSON.parse(key) === name) found = token;
    before = token;
  }
  return found;
}

function unsupported(type: string, say: Sentences["api"]): ResetError {
  return new ResetError("unsupported_media_type", {
    message: say.unsupported_media_type(type.slice(0, 100)),
  });
}

function malformed(message: string): ResetError {
  return new ResetError("malformed_body", { message });
}
