import { connect, type Socket } from "node:net";

/** Sends a mail to the sink, and resolves once the sink has taken it. */
export type Mailer = (address: string, url: string) => Promise<void>;

/**
 * A mail here is a line over one connection, and the sink answers each by a byte: as little as a mail can be,
 * so that what is left is the work around it.
 */
export function createMailer(port: number): Mailer {
  const waiting: (() => void)[] = [];
  const socket: Socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.on("data", (taken) => {
    for (let i = 0; i < taken.length; i++) waiting.shift()?.();
  });
  return (address, url) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      socket.write(`To: ${address} Your link: ${url}\n`);
    });
}
