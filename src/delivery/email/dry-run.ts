/**
 * Builds an email without sending it, so that an unknown account takes as much work as a known one. Building the MIME
 * message takes 15 times as long as rendering its text, enough for an attacker to measure with the next request.
 *
 * @module
 */
import { yieldToEventLoop } from "../../runtime/event-loop.js";
import type { Awaitable } from "../../types.js";
import type { Mail, MailTransport } from "../mail.js";

/** Does everything that a transport does with an email before it contacts a server. Does nothing if that can't be separated. */
export function dryRunOf(transport: MailTransport): (mail: Mail) => Awaitable<unknown> {
  if (typeof transport.dryRun === "function") return (mail) => transport.dryRun?.(mail);
  const { transporter } = transport as MailTransport & { transporter?: { send?: unknown } };
  if (typeof transporter?.send !== "function") return () => undefined;
  const nowhere = { value: { name: "dry run", version: "1", send } };
  const silent = Object.create(transport, { transporter: nowhere }) as MailTransport;
  return (mail) => silent.sendMail(mail);
}

/** What nodemailer passes to its inner transport, the part that sends. */
interface BuiltMail {
  readonly message: { getEnvelope(): unknown; messageId(): unknown; createReadStream(): ReadableLike };
}

interface ReadableLike {
  once(event: "end" | "error", listener: (error?: Error) => void): unknown;
  resume(): unknown;
}

/** An inner transport for nodemailer: builds the message to its last byte, including signatures. */
function send(mail: BuiltMail, done: (error: Error | null, info?: object) => void): void {
  // Every nodemailer transport calls these two, and yields to the event loop before it builds the message.
  mail.message.getEnvelope();
  mail.message.messageId();
  const building = yieldToEventLoop().then(() => {
    const stream = mail.message.createReadStream();
    stream.once("error", (error) => done(error ?? new Error("The email couldn't be built.")));
    stream.once("end", () => done(null, {}));
    stream.resume();
  });
  building.catch(done);
}
