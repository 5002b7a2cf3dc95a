import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A mail as Postmark's API gets it. */
export interface ApiMail {
  readonly To: string;
  readonly Subject: string;
  readonly TextBody: string;
}

export interface MailApiFake {
  /** For `httpMailer({ provider: "postmark", endpoint })`. */
  readonly endpoint: string;
  /** In the order of their arrival. */
  readonly mails: ApiMail[];
  /** Awaited before a mail is answered. Default: answers at once. */
  hold: (mail: ApiMail) => Promise<unknown> | void;
  close(): Promise<void>;
}

/** Starts what stands for a mail service on a free port of the loopback: it takes whatever it is given. */
export async function startMailApi(): Promise<MailApiFake> {
  const mails: ApiMail[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const mail = JSON.parse(Buffer.concat(chunks).toString()) as ApiMail;
    mails.push(mail);
    await fake.hold(mail);
    response.writeHead(200, { "content-type": "application/json" }).end('{"ErrorCode":0}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: MailApiFake = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    hold: () => undefined,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return fake;
}
