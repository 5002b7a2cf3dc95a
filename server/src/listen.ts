import { createServer, type RequestListener, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";

export interface Door {
  /** The port that was asked for, or the free one that was found. */
  readonly port: number;
  /** Answers requests from here on; those that came earlier have waited. */
  open(listener: RequestListener): void;
  /** Takes no more requests, and waits for those under way, but not for long. */
  close(): Promise<void>;
}

/** How long requests under way may take when the server is told to stop, in milliseconds. */
const patience = 5_000;

/** A client that sends its headers byte by byte holds a connection for this long, in milliseconds. Node's own is a minute. */
export const slow = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 };

/** Takes the port, which `variable` asked for. Throws an error with the fix if it can't be had. */
export async function listen(
  port: number,
  host: string,
  variable = "PORT",
  limits: ServerOptions = slow,
): Promise<Door> {
  let open!: (listener: RequestListener) => void;
  const listener = new Promise<RequestListener>((resolve) => (open = resolve));
  const server = createServer(limits, async (request, response) => (await listener)(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, port, host, variable)));
    server.listen(port, host, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    open,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      const timer = setTimeout(() => server.closeAllConnections(), patience);
      await closed;
      clearTimeout(timer);
    },
  };
}

function explain(error: NodeJS.ErrnoException, port: number, host: string, variable: string): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new Error(
        `Port ${port} on ${host} is already in use. Stop the other program, or set ${variable} to another port.`,
      );
    case "EACCES":
      return new Error(
        `Port ${port} needs more privileges than this user has. Set ${variable} to a number above 1023.`,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new Error(
        `HOST is "${host}", which isn't an address of this machine. Set it to 127.0.0.1 or 0.0.0.0.`,
      );
    default:
      return error;
  }
}
