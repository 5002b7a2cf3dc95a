/** The wire protocol of MongoDB, for what answers in its place. */
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A command or a document. */
export type Command = Record<string, any>;

/** What answers commands, and how it reads and writes BSON. */
export interface Service {
  read(bytes: Buffer): Command;
  write(document: object): Uint8Array;
  run(command: Command): object | Promise<object>;
}

export interface Listening {
  readonly url: string;
  stop(): Promise<void>;
}

export async function listenForMongodb(service: Service): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    answerAll(socket, service);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `mongodb://127.0.0.1:${port}`,
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

function answerAll(socket: Socket, service: Service): void {
  let held = Buffer.alloc(0);
  let before = Promise.resolve();
  socket.on("data", (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= held.readInt32LE(0)) {
      const message = held.subarray(0, held.readInt32LE(0));
      held = held.subarray(message.length);
      before = before.then(async () => void socket.write(await answer(message, service)));
    }
  });
}

async function answer(message: Buffer, { read, write, run }: Service): Promise<Buffer> {
  const body = message.subarray(headerLength);
  const opcode = message.readInt32LE(12);
  const requestId = message.readInt32LE(4);
  if (opcode === opMsg) {
    // Four bytes of flags, then one section: a document.
    return framed(opMsg, requestId, [
      Buffer.from([0, 0, 0, 0, 0]),
      write(await run(readMessage(body, read))),
    ]);
  }
  if (opcode === opQuery) {
    // The first greeting comes in the old form: flags, a name that ends with zero, two numbers, a document.
    const command = read(body.subarray(body.indexOf(0, 4) + 9));
    const head = Buffer.alloc(20);
    head.writeInt32LE(1, 16);
    return framed(opReply, requestId, [head, write(await run(command))]);
  }
  throw new Error(`There is no answer to opcode ${opcode}.`);
}

/** A section is a document (kind 0), or a list of documents that belongs into it under a name (kind 1). */
function readMessage(body: Buffer, read: Service["read"]): Command {
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
