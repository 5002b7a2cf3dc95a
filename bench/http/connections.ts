import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface HttpAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** Milliseconds from the first byte sent to the last byte received. */
  readonly took: number;
}

/** Connections that are kept, and do no more than a bench needs: one request at a time on each. */
export interface Connections {
  /** Opens so many beforehand. */
  open(count: number): Promise<void>;
  send(request: Buffer): Promise<HttpAnswer>;
  close(): void;
}

export function connectTo(port: number): Connections {
  const free: Connection[] = [];
  const all = new Set<Connection>();
  const add = async () => {
    const connection = await openConnection(port);
    all.add(connection);
    return connection;
  };
  return {
    async open(count) {
      while (free.length < count) free.push(await add());
    },
    async send(request) {
      const connection = free.pop() ?? (await add());
      const answer = await connection.send(request);
      free.push(connection);
      return answer;
    },
    close() {
      for (const { socket } of all) socket.destroy();
    },
  };
}

/** A request as it goes over the wire. */
export function requestBytes(method: string, path: string, body: string): Buffer {
  const about = body
    ? `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
    : "";
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${about}\r\n${body}`);
}

interface Connection {
  readonly socket: Socket;
  send(request: Buffer): Promise<HttpAnswer>;
}

async function openConnection(port: number): Promise<Connection> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  await once(socket, "connect");
  let held = "";
  let waiting:
    { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void; at: number } | undefined;
  socket.on("data", (chunk) => {
    held += chunk.toString("latin1");
    const answer = parse(held);
    if (!answer || !waiting) return;
    held = "";
    const { resolve, at } = waiting;
    waiting = undefined;
    resolve({ ...answer, took: performance.now() - at });
  });
  const fail = () => waiting?.reject(new Error("The connection was closed before the answer."));
  socket.on("error", fail).on("close", fail);
  return {
    socket,
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject, at: performance.now() };
        socket.write(request);
      }),
  };
}

/** The answer, once all of it is there. */
function parse(text: string): Omit<HttpAnswer, "took"> | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const rest = text.slice(end + 4);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  const isChunked = /^transfer-encoding: *chunked/im.test(head);
  if (isChunked ? !rest.endsWith("0\r\n\r\n") : rest.length < Number(length ?? 0)) return undefined;
  return { status: Number(head.slice(9, 12)), head, body: isChunked ? joinChunks(rest) : rest };
}

function joinChunks(text: string): string {
  let body = "";
  for (let at = 0; ;) {
    const line = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!size) return body;
    body += text.slice(line + 2, line + 2 + size);
    at = line + size + 4;
  }
}
