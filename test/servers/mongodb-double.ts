/**
 * A double of MongoDB: a TCP server that speaks its wire protocol to the real driver, and keeps documents in
 * memory. There is no MongoDB for the machines that these tests must run on.
 *
 * It proves what the store sends and how it reads the answers. It proves nothing about MongoDB itself: each
 * command is one step here because JavaScript is, filters and updates are mingo's idea of them, numbers of
 * different BSON types are not compared with each other, and nothing is ever lost, late or elected. Run the
 * same tests on a real one with MONGODB_URL set.
 *
 * @module
 */
import { BSON } from "mongodb";
import { createDatabases } from "./mongodb-double-commands.js";
import { type Command, listenForMongodb } from "./mongodb-wire.js";

export interface MongodbDouble {
  readonly url: string;
  /** Does what the TTL monitor of MongoDB does once a minute, as if it were that moment. */
  dropOver(at: Date): void;
  stop(): Promise<void>;
}

export async function startMongodbDouble(): Promise<MongodbDouble> {
  const { run, dropOver } = createDatabases();
  return { ...(await listenForMongodb({ read, write, run })), dropOver };
}

function read(bytes: Buffer): Command {
  return encode(BSON.deserialize(bytes, { promoteLongs: false })) as Command;
}

function write(document: object): Uint8Array {
  return BSON.serialize(decode(document) as object);
}

const mark = "\u0000";

/** mingo compares objects by their printed form, which for bytes is lossy: here they are marked text. */
function encode(value: unknown): unknown {
  if (value instanceof BSON.Binary) return `${mark}bin ${value.sub_type} ${value.toString("hex")}`;
  if (value instanceof BSON.ObjectId) return `${mark}oid ${value.toHexString()}`;
  if (value instanceof BSON.Long) return `${mark}long ${value.toString()}`;
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, encode(part)]));
}

function decode(value: unknown): unknown {
  if (typeof value === "string" && value.startsWith(mark)) {
    const [kind, first, rest] = value.slice(1).split(" ");
    if (kind === "bin") return new BSON.Binary(Buffer.from(rest!, "hex"), Number(first));
    return kind === "oid" ? new BSON.ObjectId(first) : BSON.Long.fromString(first!);
  }
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, decode(part)]));
}
