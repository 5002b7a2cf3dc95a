import { once } from "node:events";
import { connect as connectSocket } from "node:net";

/** One answer, and how many microseconds it took from writing the request to the answer's last byte. */
export interface Answer {
  readonly micros: number;
  readonly text: string;
}

/** A connection that stays open and carries one request at a time. */
export interface Connection {
  ask(request: Buffer): Promise<Answer>;
  end(): void;
}

/** Opens a connection by the socket alone: an HTTP client has noise of its own. */
export async function connect(port: number): Promise<Connection> {
  const socket = connectSocket({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let text = "";
  let startedAt = 0n;
  let settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  const fail = (error: Error) => settle?.reject(error);
  socket.on("data", (chunk) => {
    const now = process.hrtime.bigint();
    text += chunk.toString("latin1");
    if (!isWhole(text)) return;
    const answer = { micros: Number(now - startedAt) / 1_000, text };
    text = "";
    settle!.resolve(answer);
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("The server closed a connection in the middle of a measurement.")));

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        startedAt = process.hrtime.bigint();
        socket.write(request);
      }),
    end() {
      settle = undefined;
      socket.destroy();
    },
  };
}

function isWhole(text: string): boolean {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text);
  if (!length) throw new Error("An answer does not say its length.");
  return text.length >= head + 4 + Number(length[1]);
}

/** A request as it goes over the wire. */
export function post(path: string, body: object, headers: Readonly<Record<string, string>> = {}): Buffer {
  const json = JSON.stringify(body);
  const lines = [
    `POST ${path} HTTP/1.1`,
    "Host: app.example.com",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(json)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${json}`);
}

export function get(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: app.example.com\r\n\r\n`);
}
