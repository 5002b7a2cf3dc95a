/**
 * Converts what drivers return for a column: 64-bit integers come as numbers, bigints, or strings, bytes as Buffers,
 * ArrayBuffers, or arrays of numbers, and text in binary columns as bytes.
 *
 * @module
 */
import { UsageError } from "../../check-options.js";
import { fromUtf8, utf8 } from "../../crypto/encoding.js";
import { readUserId } from "../../identity/user-id.js";
import type {
  Delivery,
  FoundToken,
  IntentKind,
  QueuedEntry,
  QueueEntry,
  TokenRow,
  UserId,
} from "../../ports.js";

export type Row = Readonly<Record<string, unknown>>;

export function tokenRow(row: Row, parseId: ((text: string) => UserId) | undefined): TokenRow {
  // Properties that may be absent are set one by one: spreading them in takes longer than the query.
  const token: { -readonly [Name in keyof TokenRow]: TokenRow[Name] } = {
    lookup: asBytes(row.lookup),
    proof: asBytes(row.proof),
    userId: readUserId(asText(row.userid), parseId),
    scope: asText(row.scope),
    createdAt: Number(row.createdat),
    expiresAt: Number(row.expiresat),
    delivery: asText(row.delivery) as Delivery,
    leasedUntil: Number(row.leaseduntil),
  };
  if (row.codelookup !== null) {
    token.code = {
      lookup: asBytes(row.codelookup),
      proof: asBytes(row.codeproof),
      expiresAt: Number(row.codeexpiresat),
    };
  }
  if (isIssued(Number(row.slot))) token.issued = true;
  if (row.ip !== null) token.ip = asText(row.ip);
  if (row.useragent !== null) token.userAgent = asText(row.useragent);
  return token;
}

/** Rows of `issueFor` count down from -1, rows of requests up from 0. */
export function isIssued(slot: number): boolean {
  return slot < 0;
}

/** What verifying a link's token needs: a column that isn't read costs nothing. */
export function foundLink(
  lookup: Uint8Array,
  row: Row,
  parseId: ((text: string) => UserId) | undefined,
): FoundToken {
  return {
    lookup,
    proof: asBytes(row.proof),
    userId: readUserId(asText(row.userid), parseId),
    scope: asText(row.scope),
    expiresAt: Number(row.expiresat),
  };
}

export function queueEntry(row: Row): QueueEntry {
  return { ...entryOf(row), sealed: asBytes(row.sealed) };
}

export function queuedEntry(row: Row): QueuedEntry {
  const failure = row.failure === null ? undefined : asText(row.failure);
  return { ...entryOf(row), attempts: Number(row.attempts), failure };
}

function entryOf(row: Row): Omit<QueueEntry, "sealed"> {
  return {
    id: asText(row.id),
    addedAt: Number(row.addedat),
    dueAt: Number(row.dueat),
    kind: row.kind === null ? undefined : (asText(row.kind) as IntentKind),
    keyId: row.keyid === null ? undefined : asText(row.keyid),
  };
}

export function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : Uint8Array.from(value as number[]);
}

export function asText(value: unknown): string {
  return typeof value === "string" ? value : fromUtf8(asBytes(value));
}

/**
 * A text for a column of names. Throws a `TypeError` above 255 bytes: MySQL outside strict mode would truncate it, and
 * two accounts would become one.
 */
export function nameOf(text: string, what: string): string {
  // In UTF-8, no text is shorter, and none is more than three times as long.
  if (text.length * 3 <= 255 || utf8(text).length <= 255) return text;
  throw new UsageError(`${what} is longer than 255 bytes of UTF-8. Use a shorter one, such as a hash of it.`);
}

/** PostgreSQL's text has no NUL, and a header must not be able to cause an error. */
export function note(text: string | undefined): string | null {
  return text?.replaceAll("\0", "\uFFFD") ?? null;
}
