/**
 * How account ids are written into tokens, and read back: one spelling for each id.
 *
 * @module
 */
import { UsageError } from "../../check-options.js";
import { base64url, fromBase36, fromBase64url, fromHex, fromUtf8, hex, utf8 } from "../../crypto/encoding.js";
import { isObjectId } from "../../identity/user-id.js";
import type { UserId } from "../../ports.js";

/**
 * `"integer"`: whole numbers of 64 bits, signed or unsigned, or their decimal text; they come back as a number, beyond
 * 2^53 as a bigint. `"uuid"`: the text of a UUID, which comes back in lowercase with hyphens. `"text"`: any text of at
 * most 64 bytes; an ObjectId comes back as its hexadecimal text.
 */
export type IdKind = "integer" | "uuid" | "text";

export interface IdCodec {
  /** The short form in a signed token. Throws a `TypeError` if the id is of another kind. */
  pack(id: UserId): string;
  /** The id of a short form, or `null` if it isn't the canonical spelling of one. */
  unpack(short: string): UserId | null;
  /** The plain text of an id. Throws a `TypeError` if the id is of another kind. */
  print(id: UserId): string;
  /** The id of a plain text, or `null` if it isn't the canonical spelling of one. */
  parse(text: string): UserId | null;
}

/** Throws a `TypeError` for an unknown kind. */
export function idCodec(kind: IdKind, option: string): IdCodec {
  if (Object.hasOwn(codecs, kind)) return codecs[kind];
  throw new UsageError(`${option} is ${JSON.stringify(kind)}. Use "integer", "uuid", or "text".`);
}

const integer: IdCodec = {
  pack: (id) => toInteger(id).toString(36),

  unpack(short) {
    const isNegative = short.startsWith("-");
    const digits = isNegative ? short.slice(1) : short;
    if (digits.startsWith("0") && short !== "0") return null;
    const size = fromBase36(digits);
    if (typeof size === "bigint") return narrow(isNegative ? -size : size);
    return size !== null && isNegative ? -size : size;
  },

  print: (id) => toInteger(id).toString(),

  parse(text) {
    return /^(?:0|-?[1-9]\d{0,19})$/.test(text) ? narrow(BigInt(text)) : null;
  },
};

const uuid: IdCodec = {
  pack: (id) => base64url(fromHex(uuidDigits(id))!),

  unpack(short) {
    const bytes = short.length === 22 ? fromBase64url(short) : null;
    return bytes && hyphenate(hex(bytes));
  },

  print: (id) => hyphenate(uuidDigits(id)),
  parse: (text) => (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : null),
};

const text: IdCodec = {
  // No text in UTF-8 begins with the six bits that "_" stands for. So numbers and texts can be told apart, and signed
  // tokens work for numbers without setting `ids: "integer"`.
  pack: (id) =>
    typeof id === "number" || typeof id === "bigint" ? `_${integer.pack(id)}` : base64url(textBytes(id)),

  unpack(short) {
    if (short.startsWith("_")) return integer.unpack(short.slice(1));
    const bytes = fromBase64url(short);
    if (!bytes || bytes.length === 0 || bytes.length > maxTextBytes) return null;
    try {
      return fromUtf8(bytes);
    } catch {
      return null;
    }
  },

  print: (id) => fromUtf8(textBytes(id)),
  parse: (plain) => (plain !== "" && utf8(plain).length <= maxTextBytes ? plain : null),
};

const codecs: Record<IdKind, IdCodec> = { integer, uuid, text };
const maxTextBytes = 64;

function toInteger(id: UserId): number | bigint {
  const value = typeof id === "string" ? integer.parse(id) : id;
  if (Number.isSafeInteger(value)) return value as number;
  if (typeof value === "bigint" && narrow(value) !== null) return value;
  throw new UsageError(
    `users.idOf returned ${describe(id)}, which isn't a 64-bit integer. Set ids: "text" or ids: "uuid".`,
  );
}

/** An id as applications have it: a number if that's exact, otherwise a bigint. `null` outside 64 bits. */
function narrow(value: bigint): UserId | null {
  if (value < -(2n ** 63n) || value >= 2n ** 64n) return null;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function uuidDigits(id: UserId): string {
  const digits = typeof id === "string" ? id.toLowerCase().replace(uuidParts, "$1$2$3$4$5") : "";
  if (/^[0-9a-f]{32}$/.test(digits)) return digits;
  throw new UsageError(
    `users.idOf returned ${describe(id)}, which isn't a UUID. Set ids: "integer" or ids: "text".`,
  );
}

const uuidParts = /^(.{8})-(.{4})-(.{4})-(.{4})-(.{12})$/;

function hyphenate(digits: string): string {
  const part = (from: number, to: number) => digits.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
}

function textBytes(id: UserId): Uint8Array {
  const plain = isObjectId(id) ? id.toHexString() : id;
  const bytes = typeof plain === "string" ? utf8(plain) : new Uint8Array();
  if (bytes.length > 0 && bytes.length <= maxTextBytes && fromUtf8(bytes) === plain) return bytes;
  throw new UsageError(
    `users.idOf returned ${describe(id)}, which isn't a string of 1 to ${maxTextBytes} bytes. Set ids: "integer" or ids: "uuid", or use storedTokens().`,
  );
}

function describe(id: unknown): string {
  if (id === undefined || id === null) return "nothing";
  return typeof id === "string" ? `a string of ${id.length} characters` : `a value of type ${typeof id}`;
}
