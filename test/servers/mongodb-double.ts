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
import { type AddressInfo, createServer, type Socket } from "node:net";
import { BSON } from "mongodb";
import { type Command, createDatabases } from "./mongodb-double-commands.js";

export interface MongodbDouble {
  readonly url: string;
  /** Does what the TTL monitor of MongoDB does once a minute, as if it were that moment. */
  dropOver(at: Date): void;
  stop(): Promise<void>;
}

export async function startMongodbDouble(): Promise<MongodbDouble> {
  const databases = createDatabases();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    answerAll(socket, databases.run);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `mongodb://127.0.0.1:${port}`,
    dropOver: databases.dropOver,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const headerLength = 16;
const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;

function answerAll(socket: Socket, run: (command: Command) => object): void {
  let held = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= held.readInt32LE(0)) {
      const message = held.subarray(0, held.readInt32LE(0));
      held = held.subarray(message.length);
      socket.write(answer(message, run));
    }
  });
}

function answer(message: Buffer, run: (command: Command) => object): Buffer {
  const body = message.subarray(headerLength);
  const opcode = message.readInt32LE(12);
  const requestId = message.readInt32LE(4);
  if (opcode === opMsg) {
    // Four bytes of flags, then one section: a document.
    return framed(opMsg, requestId, [Buffer.from([0, 0, 0, 0, 0]), write(run(readMessage(body)))]);
  }
  if (opcode === opQuery) {
    // The first greeting comes in the old form: flags, a name that ends with zero, two numbers, a document.
    const command = read(body.subarray(body.indexOf(0, 4) + 9));
    const head = Buffer.alloc(20);
    head.writeInt32LE(1, 16);
    return framed(opReply, requestId, [head, write(run(command))]);
  }
  throw new Error(`The double does not know opcode ${opcode}.`);
}

/** A section is a document (kind 0), or a list of documents that belongs into it under a name (kind 1). */
function readMessage(body: Buffer): Command {
  let command: Command = {};
  const lists: Record<string, Command[]> = {};
  let at = 4;
  while (at < body.length) {
    const kind = body[at++];
    const size = body.readInt32LE(at);
    const section = body.subarray(at, at + size);
    at += size;
    if (kind === 0) {
      command = read(section);
      continue;
    }
    const nameEnd = section.indexOf(0, 4);
    const list: Command[] = (lists[section.toString("utf8", 4, nameEnd)] = []);
    for (let from = nameEnd + 1; from < section.length; from += section.readInt32LE(from)) {
      list.push(read(section.subarray(from, from + section.readInt32LE(from))));
    }
  }
  return { ...command, ...lists };
}

function framed(opcode: number, responseTo: number, parts: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeInt32LE(headerLength + parts.reduce((sum, part) => sum + part.length, 0), 0);
  header.writeInt32LE(responseTo, 8);
  header.writeInt32LE(opcode, 12);
  return Buffer.concat([header, ...parts]);
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
