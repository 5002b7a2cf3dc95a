import type { StateValue } from "./types.js";

const encoder = new TextEncoder();

/**
 * Writes values as bytes so that no two lists of values give the same bytes: each is its type, its length
 * (32 bits, big-endian) and its content.
 *
 * Two of the token formats proposed on django-developers in 2008 joined their fields bare, and were
 * forgeable for it: a digit moved from one field to the next under the same hash. `null` and `undefined`
 * are one value here, since drivers differ in which they give for an empty column.
 *
 * Throws a `TypeError` for a value of any other type.
 */
export function frame(values: readonly StateValue[]): Uint8Array {
  let size = 0;
  for (const value of values) size += 5 + room(value);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const value of values) {
    const [type, content] = typed(value);
    let length: number;
    if (typeof content === "string") {
      length = encoder.encodeInto(content, bytes.subarray(at + 5)).written;
    } else {
      length = content.length;
      bytes.set(content, at + 5);
    }
    bytes[at] = type.charCodeAt(0);
    view.setUint32(at + 1, length);
    at += 5 + length;
  }
  return bytes.subarray(0, at);
}

/** UTF-8 takes at most three bytes for each UTF-16 unit. */
function room(value: StateValue): number {
  if (typeof value === "string") return value.length * 3;
  return value instanceof Uint8Array
    ? value.length
    : 24 + (typeof value === "bigint" ? value.toString().length : 0);
}

function typed(value: StateValue): [type: string, content: string | Uint8Array] {
  switch (typeof value) {
    case "string":
      return ["s", value];
    case "boolean":
      return [value ? "t" : "f", ""];
    case "bigint":
      return ["i", value.toString()];
    case "undefined":
      return ["0", ""];
    case "number":
      if (Number.isFinite(value)) return ["n", String(value)];
      break;
    case "object":
      if (value === null) return ["0", ""];
      if (value instanceof Uint8Array) return ["x", value];
      if (value instanceof Date && !Number.isNaN(value.getTime())) return ["d", String(value.getTime())];
  }
  throw new TypeError(
    `A value that tokens are bound to is ${value instanceof Date ? "an invalid Date" : typeof value === "number" ? String(value) : `a ${typeof value}`}: give a string, a finite number, a bigint, a boolean, a valid Date, a Uint8Array or null.`,
  );
}
