import { expect } from "vitest";
import { until } from "../demo/process.js";

/** A mail, however it came. */
export interface SentMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** One reset API, and what it takes to see what it does. */
export interface Site {
  /** Of the API, without a slash at its end. */
  readonly api: string;
  /** Of an account whose password is `oldPassword`. */
  readonly address: string;
  readonly mails: () => readonly SentMail[];
  /** Whether somebody can log in with that password. */
  readonly opens: (password: string) => Promise<boolean>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const oldPassword = "old-Passw0rd!";
/** How many confirm at the same time, each with a password of its own. */
const confirms = 12;
const passwords = Array.from({ length: confirms }, (_, index) => `Correct-horse-${index}`);

/** Does the whole job over HTTP, and finds each promise kept. */
export async function doTheJob(site: Site): Promise<void> {
  const { address, mails, opens } = site;
  const post = (path: string, body: object) => postTo(site, path, body);
  const status = async (path: string, body: object) => (await post(path, body)).status;
  const mailsTo = (to: string) => mails().filter((mail) => mail.to === to);

  const stranger = `nobody.${address}`;
  const [known, unknown] = [
    await post("/", { email: address.toUpperCase() }),
    await post("/", { email: stranger }),
  ];
  expect(known).toEqual({ status: 200, text: '{"status":"OK"}' });
  expect(unknown).toEqual(known);

  const token = await mailedToken(site);
  const wrong = token.slice(0, 10) + (token[10] === "A" ? "B" : "A") + token.slice(11);
  for (const bad of [wrong, "nonsense"]) {
    expect(await status("/validate_token/", { token: bad })).toBe(404);
    expect(await status("/confirm/", { token: bad, password: "Correct-horse-9" })).toBe(404);
  }

  expect(await status("/validate_token/", { token })).toBe(200);
  const weak = await post("/confirm/", { token, password: "1234" });
  expect(weak.status).toBe(400);
  expect(JSON.parse(weak.text).password.length).toBeGreaterThan(1);
  expect(await status("/validate_token/", { token })).toBe(200);
  expect(await opens(oldPassword)).toBe(true);

  const statuses = await confirmAtOnce(site, token);
  expect([...statuses].sort()).toEqual([200, ...Array.from({ length: confirms - 1 }, () => 404)]);
  const winner = passwords[statuses.indexOf(200)]!;
  expect(await opens(winner)).toBe(true);
  expect(await opens(oldPassword)).toBe(false);

  expect(await status("/confirm/", { token, password: "Another-horse-9" })).toBe(404);
  expect(await status("/validate_token/", { token })).toBe(404);
  expect(await opens(winner)).toBe(true);
  await until("the notice", () => mailsTo(address)[1]);
  expect(mailsTo(address)[1]!.subject).toMatch(/changed/);
  expect(mailsTo(stranger)).toEqual([]);
}

/** The token of the one mail with a link, which stands alone on its line. */
export async function mailedToken({ mails, address }: Site): Promise<string> {
  const mail = await until("the mail", () =>
    mails().find(({ to, subject }) => to === address && /^Reset/.test(subject)),
  );
  const [, token] = /^http\S+\/([\w-]+)$/m.exec(mail.text)!;
  return token!;
}

/** The statuses of simultaneous confirms with one token. */
export function confirmAtOnce(site: Site, token: string): Promise<number[]> {
  const attempts = passwords.map((password) => postTo(site, "/confirm/", { token, password }));
  return Promise.all(attempts.map(async (attempt) => (await attempt).status));
}

export async function postTo({ api, headers }: Pick<Site, "api" | "headers">, path: string, body: object) {
  const response = await fetch(api + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}
