import type { MailTransport } from "resetkit/delivery/mail";

/** The mail server of `smtpUrl`, otherwise the inbox page. */
export async function transportOf(smtpUrl: string | undefined, inbox: MailTransport): Promise<MailTransport> {
  if (smtpUrl === undefined) return inbox;
  const { createTransport } = await import("nodemailer");
  return createTransport({ url: smtpUrl, connectionTimeout: 10_000, socketTimeout: 30_000 });
}
