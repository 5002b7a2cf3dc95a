import { afterEach, beforeEach, expect, it } from "vitest";
import { type SmtpFake, startSmtp } from "../servers/smtp.js";
import { type DemoProcess, startDemo, temporaryFolder, until } from "./process.js";
import { visitor } from "./visitor.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let smtp: SmtpFake;
let demo: DemoProcess;

beforeEach(async () => {
  folder = await temporaryFolder();
  smtp = await startSmtp();
  demo = await startDemo(folder.path, { SMTP_URL: smtp.url, MAIL_FROM: "Ada's shop <shop@example.org>" });
});

afterEach(async () => {
  await demo.kill();
  await smtp.close();
  await folder.remove();
});

const firstMail = () => until("a mail at the SMTP server", () => smtp.mails[0]);

it("with SMTP_URL mails go to that server, and not to the inbox", async () => {
  const me = visitor(demo.url);
  await me.ask("nobody@example.com");
  await me.ask("ada@example.com");
  const mail = await firstMail();
  expect(mail.from).toBe("shop@example.org");
  expect(mail.to).toEqual(["ada@example.com"]);
  expect(mail.parsed.from).toMatchObject({ name: "Ada's shop", address: "shop@example.org" });
  const [link] = /^http:\S+$/m.exec(mail.parsed.text!)!;
  expect((await me.validate(link.split("/").at(-1)!)).status).toBe(200);
  expect(smtp.mails).toHaveLength(1);
  expect(await me.inbox()).toEqual([]);
});

it("a server that is busy at first gets the mail later, and the log names nobody", async () => {
  smtp.behave = (attempt) => (attempt === 0 ? 451 : "accept");
  await visitor(demo.url).ask("ada@example.com");
  expect((await firstMail()).to).toEqual(["ada@example.com"]);
  expect(smtp.attempts()).toBe(2);
  expect(demo.output()).toContain('"level":"error"');
  expect(demo.output()).not.toContain("ada@");
});
