/**
 * Making a mail without sending it, so that an unknown account costs what a known one costs. Building the MIME
 * message takes fifteen times as long as writing its words, and can be felt from outside by the next request.
 *
 * @module
 */
import { yieldToEventLoop } from "../../runtime/event-loop.js";
import type { Awaitable } from "../../types.js";
import type { Mail, MailTransport } from "../mail.js";

/** All that a transport does with a mail before it talks to a server; nothing where it cannot be had alone. */
export function dryRunOf(transport: MailTransport): (mail: Mail) => Awaitable<unknown> {
  if (typeof transport.dryRun === "function") return (mail) => transport.dryRun?.(mail);
  const { transporter } = transport as MailTransport & { transporter?: { send?: unknown } };
  if (typeof transporter?.send !== "function") return () => undefined;
  const nowhere = { value: { name: "dry run", version: "1", send } };
  const silent = Object.create(transport, { transporter: nowhere }) as MailTransport;
  return (mail) => silent.sendMail(mail);
}

/** What nodemailer hands to the part of itself that sends. */
interface BuiltMail {
  readonly message: { getEnvelope(): unknown; messageId(): unknown; createReadStream(): ReadableLike };
}

interface ReadableLike {
  once(event: "end" | "error", listener: (error?: Error) => void): unknown;
  resume(): unknown;
}

/** A transport as nodemailer's plugins are written: takes the message to its last byte, signatures and all. */
function send(mail: BuiltMail, done: (error: Error | null, info?: object) => void): void {
  // Every transport of nodemailer asks for these two, and yields to the event loop before it builds.
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
