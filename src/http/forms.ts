/**
 * Forms as browsers send them, read strictly: flat, few fields, text only.
 *
 * @module
 */
import { parseParameters } from "./media-type.js";

/** Fields by name, without a prototype: `__proto__` is a name like any other. */
export type Fields = Record<string, string>;

/** More fields than any form here has. A form with more, such as an attacker's thousands, isn't read. */
const maxFields = 20;
/** Maximum length of the headers of one part, in characters. */
const maxPartHead = 1_024;

/**
 * Reads `application/x-www-form-urlencoded` (WHATWG URL §5.1), but rejects what that standard would guess at: malformed
 * percent-encoding, and bytes that aren't UTF-8. If a name repeats, the last field counts. `null` if it isn't such a
 * form.
 */
export function parseForm(text: string): Fields | null {
  const fields = emptyFields();
  const pairs = text.split("&", maxFields + 1);
  if (pairs.length > maxFields) return null;
  for (const pair of pairs) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? "" : decode(pair.slice(equals + 1));
    if (name === null || value === null) return null;
    fields[name] = value;
  }
  return fields;
}

/**
 * Reads the text fields of `multipart/form-data` (RFC 7578). Files are ignored. If a name repeats, the last field
 * counts. `null` if it isn't such a form.
 */
export function parseMultipart(text: string, boundary: string | undefined): Fields | null {
  if (boundary === undefined || !boundaryPattern.test(boundary)) return null;
  const fields = emptyFields();
  const parts = `\r\n${text}`.split(`\r\n--${boundary}`, maxFields + 3);
  // What comes before the first delimiter isn't a part, and the last delimiter is marked as the last.
  const end = parts.findIndex((part) => part.startsWith("--"));
  if (end < 1 || end > maxFields + 1) return null;
  for (const part of parts.slice(1, end)) {
    const field = parsePart(part);
    if (!field) return null;
    if (!field.isFile) fields[field.name] = field.value;
  }
  return fields;
}

// RFC 2046 §5.1.1.
const boundaryPattern = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

function emptyFields(): Fields {
  return Object.create(null) as Fields;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}

function parsePart(part: string): { name: string; value: string; isFile: boolean } | null {
  const headEnd = part.indexOf("\r\n\r\n");
  if (headEnd < 0 || headEnd > maxPartHead) return null;
  const [padding, ...lines] = part.slice(0, headEnd).split("\r\n");
  if (padding!.trim() !== "") return null;
  let disposition: Map<string, string> | null = null;
  for (const line of lines) {
    const header = /^([\w-]+):\s*(.*)$/.exec(line);
    if (!header) return null;
    const value = header[2]!;
    switch (header[1]!.toLowerCase()) {
      case "content-disposition":
        if (disposition || !/^form-data\s*;/i.test(value)) return null;
        disposition = parseParameters(value.slice(value.indexOf(";")));
        if (!disposition) return null;
        break;
      case "content-transfer-encoding":
        if (!/^(?:7bit|8bit|binary)\s*$/i.test(value)) return null;
    }
  }
  const name = disposition?.get("name");
  if (!disposition || name === undefined) return null;
  const isFile = disposition.has("filename") || disposition.has("filename*");
  return { name, value: part.slice(headEnd + 4), isFile };
}
