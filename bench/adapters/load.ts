/**
 * Load by a client that never sleeps. One that does has to be woken by the server, again and again, and that costs
 * the server five microseconds or more of an answer; and the longer the server takes, the more often the client has
 * gone to sleep. So each microsecond that a route costs more would count for one and a half: a wrk that takes turns
 * with two routes, one of which spins for 10 µs, makes 15 µs of them.
 *
 * @module
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Slice } from "../http/rounds.js";

export interface Load {
  readonly port: number;
  readonly request: Buffer;
  /** The body that each answer must end with. */
  readonly body: string;
  readonly seconds: number;
  readonly connections: number;
}

/** Drives a server in a closed loop: one request at a time on each of some connections that are kept. */
export async function drive(load: Load): Promise<Slice> {
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load.port)));
  const times: number[] = [];
  const begin = performance.now();
  const end = begin + load.seconds * 1_000;
  stayAwake(end);
  try {
    await Promise.all(sockets.map((socket) => converse(socket, load, end, times)));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  const seconds = (performance.now() - begin) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)]!;
  return { answers: times.length, seconds, p50: at(0.5), p99: at(0.99), wrong: 0, example: "" };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true).setEncoding("latin1");
  await once(socket, "connect");
  return socket;
}

/** An event loop that has something to do at once asks for what has come, and does not wait for it. */
function stayAwake(end: number): void {
  if (performance.now() < end) setImmediate(stayAwake, end);
}

/** Asks until `end`, and notes how many milliseconds each answer took. Rejects at the first wrong one. */
function converse(socket: Socket, { request, body }: Load, end: number, times: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let held = "";
    let sentAt = 0;
    const ask = () => {
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on("data", (text: string) => {
      held += text;
      if (!held.startsWith("HTTP/1.1 200 ")) return reject(new Error(`The answer was ${held}`));
      if (!held.endsWith(body)) return;
      held = "";
      const now = performance.now();
      times.push(now - sentAt);
      if (now < end) ask();
      else resolve();
    });
    socket.on("close", () => reject(new Error("The server has closed a connection.")));
    ask();
  });
}
