/**
 * Sends requests to a server on this machine, with Node's client or byte by byte.
 *
 * @module
 */
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Sent {
  /** Default `"POST"`. */
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | undefined;
}

export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends one request over a new connection. */
export function send(port: number, { method = "POST", path, headers = {}, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      port,
      host: "127.0.0.1",
      method,
      path,
      headers: { ...headers } as Record<string, string>,
      agent: false,
    };
    const req = request(options, (res) => {
      const chunks: Buffer[] = [];
      res.on("error", reject);
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("end", () =>
        resolve({
          status: res.statusCode!,
          headers: res.headers as Record<string, string>,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    req.on("error", reject);
    req.end(body);
  });
}

/** A raw connection to the server. */
export interface Wire {
  write(bytes: string | Uint8Array): void;
  /** Resolves to what was received, once the server closes the connection, `done` returns true, or 5 seconds have passed. */
  read(done?: (text: string) => boolean): Promise<string>;
  /** Whether the server has closed the connection. */
  isOver(): boolean;
  close(): void;
  /** Resets the connection instead of closing it properly. */
  reset(): void;
}

export async function openWire(port: number): Promise<Wire> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  let isOver = false;
  const over = () => (isOver = true);
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  socket.on("error", over).on("end", over).on("close", over);
  await new Promise<unknown>((resolve) => socket.once("connect", resolve).once("error", resolve));
  return {
    write: (bytes) => void (socket.writable && socket.write(bytes)),
    async read(done = () => false) {
      const start = Date.now();
      while (!isOver && !done(text) && Date.now() - start < 5_000) await sleep(5);
      return text;
    },
    isOver: () => isOver,
    close: () => void socket.destroy(),
    reset: () => void socket.resetAndDestroy(),
  };
}

/** Writes pieces to a new connection, and resolves to the whole response. */
export async function exchange(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const wire = await openWire(port);
  for (const piece of pieces) wire.write(piece);
  const text = await wire.read(isWhole);
  wire.close();
  return text;
}

/** Whether the whole response has arrived, according to its headers. */
export function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const body = text.slice(end + 4);
  if (/\r\ntransfer-encoding: *chunked/i.test(text.slice(0, end))) return /(?:^|\r\n)0\r\n\r\n$/.test(body);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end + 2))?.[1];
  return length !== undefined && Buffer.byteLength(body) >= Number(length);
}
