import { UsageError } from "../check-options.js";
import { fromHex, hex } from "../crypto/encoding.js";
import type { ObjectIdLike, UserId } from "../ports.js";

/**
 * Writes an account's id as text that includes its type, for stores whose columns are text: `n:42`, `b:42`, `s:ada`,
 * `x:00ff`, `o:65f0…`. Throws a `TypeError` for a value that can't be an id.
 */
export function writeUserId(id: UserId): string {
  if (typeof id === "string" && id !== "") return `s:${id}`;
  if (Number.isSafeInteger(id)) return `n:${id}`;
  if (typeof id === "bigint") return `b:${id}`;
  if (id instanceof Uint8Array) return `x:${hex(id)}`;
  if (isObjectId(id)) return `o:${id.toHexString()}`;
  throw new UsageError(
    `users.idOf returned ${id === undefined ? "undefined" : `a ${typeof id}`}. Return a string, a safe integer, a bigint, a Uint8Array, or an ObjectId.`,
  );
}

/** An id as people read and type it: without its type. */
export function plainUserId(id: UserId): string {
  return writeUserId(id).slice(2);
}

/**
 * Reads what `writeUserId` wrote. Bytes come back as a `Buffer` if the runtime has one, as drivers return them: some
 * accept no other `Uint8Array` when it's passed back to them. An ObjectId comes back as its hexadecimal text, unless
 * `parseId` (`users.parseId`) makes one from it.
 */
export function readUserId(text: string, parseId: (text: string) => UserId = (hexText) => hexText): UserId {
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case "n:":
      return Number(rest);
    case "b:":
      return BigInt(rest);
    case "x:":
      return asDriversDo(fromHex(rest) ?? new Uint8Array());
    case "o:":
      return parseId(rest);
    default:
      return rest;
  }
}

/** Node's class, which Bun and Deno have, too, and browsers don't. */
interface BufferClass {
  from(memory: ArrayBufferLike, offset: number, length: number): Uint8Array;
}

function asDriversDo(bytes: Uint8Array): Uint8Array {
  const { Buffer: DriverBytes } = globalThis as { Buffer?: BufferClass };
  return DriverBytes?.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) ?? bytes;
}

export function isObjectId(id: unknown): id is ObjectIdLike {
  return typeof id === "object" && id !== null && typeof (id as ObjectIdLike).toHexString === "function";
}
