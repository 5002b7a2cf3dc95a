import { UsageError } from "../check-options.js";
import type { StateValue } from "../ports.js";

const encoder = /* @__PURE__ */ new TextEncoder();
// Reused, because every token check encodes values, and allocating costs more than writing.
let shared = new Uint8Array(1_024);

/**
 * Encodes values as bytes so that no two lists of values have the same bytes: each value is its type, its length (32
 * bits, big-endian), and its content.
 *
 * Two of the token formats proposed on django-developers in 2008 joined their fields without separators, which made
 * them forgeable: a digit could move from one field to the next under the same hash. `null` and `undefined` are the
 * same value here, since drivers differ in which one they return for an empty column.
 *
 * Throws a `TypeError` for a value of any other type.
 */
export function canonicalBytes(values: readonly StateValue[]): Uint8Array {
  const end = putAll(values, 0);
  return shared.slice(0, end);
}

/**
 * The same with a label in front, in a buffer that the next call overwrites: only for callers that are done with it
 * before anything else runs.
 */
export function canonicalBytesShared(label: string, values: readonly StateValue[]): Uint8Array {
  const end = putAll(values, put(label, 0));
  return shared.subarray(0, end);
}

/** Whether two lists hold the same values, down to the type of each. */
export function sameValues(a: readonly StateValue[], b: readonly StateValue[]): boolean {
  const [left, right] = [canonicalBytes(a), canonicalBytes(b)];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function putAll(values: readonly StateValue[], at: number): number {
  for (let index = 0; index < values.length; index++) at = put(values[index], at);
  return at;
}

function put(value: StateValue, at: number): number {
  switch (typeof value) {
    case "string":
      return putText("s", value, at);
    case "boolean":
      return putHead(value ? "t" : "f", 0, at);
    case "bigint":
      return putText("i", value.toString(), at);
    case "undefined":
      return putHead("0", 0, at);
    case "number":
      if (Number.isFinite(value)) return putText("n", String(value), at);
      break;
    case "object":
      if (value === null) return putHead("0", 0, at);
      if (value instanceof Uint8Array) return putBytes("x", value, at);
      if (value instanceof Date && !Number.isNaN(value.getTime()))
        return putText("d", String(value.getTime()), at);
  }
  throw new UsageError(
    `A value that tokens are bound to is ${value instanceof Date ? "an invalid Date" : typeof value === "number" ? String(value) : `a ${typeof value}`}. Return a string, a finite number, a bigint, a boolean, a valid Date, a Uint8Array, or null.`,
  );
}

function putText(type: string, text: string, at: number): number {
  const start = at + headSize;
  // UTF-8 takes at most three bytes for each UTF-16 unit.
  reserve(start + text.length * 3);
  const into = shared;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return putUnicode(type, text, at);
    into[start + i] = code;
  }
  return putHead(type, text.length, at);
}

function putUnicode(type: string, text: string, at: number): number {
  // A lone surrogate becomes U+FFFD in UTF-8, so two such texts would become one.
  if (/\p{Surrogate}/u.test(text)) {
    const units = Uint8Array.from({ length: text.length * 2 }, (_, i) =>
      i % 2 === 0 ? text.charCodeAt(i / 2) >> 8 : text.charCodeAt((i - 1) / 2) & 255,
    );
    return putBytes("u", units, at);
  }
  return putHead(type, encoder.encodeInto(text, shared.subarray(at + headSize)).written, at);
}

function putBytes(type: string, bytes: Uint8Array, at: number): number {
  reserve(at + headSize + bytes.length);
  shared.set(bytes, at + headSize);
  return putHead(type, bytes.length, at);
}

const headSize = 5;

function putHead(type: string, length: number, at: number): number {
  reserve(at + headSize);
  shared[at] = type.charCodeAt(0);
  shared[at + 1] = length >>> 24;
  shared[at + 2] = length >>> 16;
  shared[at + 3] = length >>> 8;
  shared[at + 4] = length;
  return at + headSize + length;
}

function reserve(size: number): void {
  if (size <= shared.length) return;
  const larger = new Uint8Array(size * 2);
  larger.set(shared);
  shared = larger;
}
