import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerSession } from "smtp-server";

/** A mail as it arrived: what the envelope said, the bytes, and what a mail program makes of them. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly parsed: Email;
}

/** What the server does with a mail: takes it, answers with a status of its own, never answers, or hangs up. */
export type SmtpBehaviour = "accept" | number | "hang" | "drop";

export interface SmtpFake {
  readonly port: number;
  /** For nodemailer's `createTransport`. */
  readonly url: string;
  /** In the order of their arrival. */
  readonly mails: ReceivedMail[];
  /** Asked at the end of each mail's data, with how many came before. Default: accept. */
  behave: (attempt: number) => SmtpBehaviour;
  readonly attempts: () => number;
  close(): Promise<void>;
}

/** Starts a real SMTP server (with SMTPUTF8) on a free port of the loopback. */
export async function startSmtp(port = 0): Promise<SmtpFake> {
  const mails: ReceivedMail[] = [];
  let attempts = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    closeTimeout: 100,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => void take(Buffer.concat(chunks), session).then(() => done(), done));
    },
  });
  server.on("error", () => undefined);
  const fake: SmtpFake = {
    get port() {
      return (server.server.address() as AddressInfo).port;
    },
    get url() {
      return `smtp://127.0.0.1:${this.port}?ignoreTLS=true`;
    },
    mails,
    behave: () => "accept",
    attempts: () => attempts,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };

  async function take(raw: Buffer, session: SMTPServerSession): Promise<void> {
    const behaviour = fake.behave(attempts++);
    if (behaviour === "hang") return new Promise(() => undefined);
    if (behaviour === "drop") {
      for (const connection of server.connections) connection._socket.destroy();
      return;
    }
    if (behaviour !== "accept") throw Object.assign(new Error("Not now"), { responseCode: behaviour });
    const { mailFrom, rcptTo } = session.envelope;
    mails.push({
      from: mailFrom ? mailFrom.address : "",
      to: rcptTo.map(({ address }) => address),
      raw: raw.toString("utf8"),
      parsed: await PostalMime.parse(raw),
    });
  }

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return fake;
}
