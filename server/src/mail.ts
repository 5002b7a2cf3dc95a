import type { EmailOptions } from "resetkit/delivery/email";
import type { Inbox } from "./inbox.js";

/** What sends the mails, and what does the same work for unknown accounts and sends nothing. */
type Transports = Required<Pick<EmailOptions<unknown>, "transport" | "rehearsal">>;

/** A real mail server where one is named, else the inbox page. */
export async function transports(smtpUrl: string | undefined, inbox: Inbox): Promise<Transports> {
  if (smtpUrl === undefined) return { transport: inbox, rehearsal: inbox.rehearsal };
  const { createTransport } = await import("nodemailer");
  return {
    transport: createTransport({ url: smtpUrl, connectionTimeout: 10_000, socketTimeout: 30_000 }),
    rehearsal: createTransport({ streamTransport: true, buffer: true }),
  };
}
