import { createServer, type RequestListener, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";

export interface Door {
  /** The requested port, or the free one that was found. */
  readonly port: number;
  /** Starts responding to requests, including those that arrived earlier. */
  open(listener: RequestListener): void;
  /** Accepts no more requests, and waits up to 5 seconds for running ones. */
  close(): Promise<void>;
}

/** How long running requests may take when the server shuts down, in milliseconds. */
const patience = 5_000;

/** Limits for clients that send byte by byte to hold a connection, in milliseconds. Node's default for headers is a minute. */
export const slow = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 };

/** Listens on a port, which `variable` sets. If that fails, throws an error with the fix. */
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
