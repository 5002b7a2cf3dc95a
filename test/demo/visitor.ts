import { until } from "./process.js";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly date: string;
}

export const firstPassword = "correct horse battery staple";

/** What a person, or a script, does with the demo by HTTP. */
export interface Visitor {
  ask(email: string): Promise<Response>;
  validate(token: string): Promise<Response>;
  confirm(token: string, password: string): Promise<Response>;
  logIn(email: string, password: string): Promise<Response>;
  /** All mails, newest first. */
  inbox(): Promise<Mail[]>;
  /** The reset mails to an address, newest first, once there are `count` or more. */
  resetMails(email: string, count?: number): Promise<Mail[]>;
  /** How many password hashes were computed since the start. */
  hashes(): Promise<number>;
}

/** `metrics`: where the counters are; needed by `hashes` alone. */
export function visitor(url: string, metrics = ""): Visitor {
  const post = (path: string, body: object) =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const inbox = async () => (await (await fetch(`${url}/inbox.json`)).json()) as Mail[];

  return {
    ask: (email) => post("/api/password_reset/", { email }),
    validate: (token) => post("/api/password_reset/validate_token/", { token }),
    confirm: (token, password) => post("/api/password_reset/confirm/", { token, password }),
    logIn: (email, password) => post("/login", { email, password }),
    inbox,
    resetMails: (email, count = 1) =>
      until(`${count} reset mails to ${email}`, async () => {
        const mails = (await inbox()).filter((mail) => mail.to === email && linkIn(mail) !== undefined);
        return mails.length >= count ? mails : undefined;
      }),
    async hashes() {
      const text = await (await fetch(metrics)).text();
      return Number(/^resetkit_password_hashes_total (\d+)$/m.exec(text)![1]);
    },
  };
}

/** The link that stands alone on a line of a mail. */
export function linkIn(mail: Mail): string | undefined {
  return /^https?:\/\/\S+\/reset-password\/\S+$/m.exec(mail.text)?.[0];
}

export function tokenIn(mail: Mail): string {
  return linkIn(mail)!.split("/").at(-1)!;
}
