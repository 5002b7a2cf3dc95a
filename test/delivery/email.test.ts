import { createTransport, type Transporter } from "nodemailer";
import { type HTMLElement, parse } from "node-html-parser";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { byEmail, type EmailOptions } from "../../src/delivery/email.js";
import type { Mail } from "../../src/delivery/mail.js";
import { html } from "../../src/html.js";
import { darkColors, lightColors } from "../../src/html/colors.js";
import { style } from "../../src/html/style.js";
import type { Message } from "../../src/types.js";
import { type SmtpFake, startSmtp } from "../servers/smtp.js";
import { changedMessage, link, now, type Person, resetMessage, token, unknownMessage } from "./messages.js";

let smtp: SmtpFake;
let transport: Transporter;

beforeAll(async () => {
  smtp = await startSmtp();
  transport = createTransport(smtp.url);
});
beforeEach(() => void smtp.mails.splice(0));
afterAll(async () => {
  transport.close();
  await smtp.close();
});

const options = (changes: Partial<EmailOptions<Person>> = {}): EmailOptions<Person> => ({
  transport,
  from: "Example <no-reply@example.com>",
  clock: () => now,
  ...changes,
});

async function arrival(message: Message<Person>, changes: Partial<EmailOptions<Person>> = {}) {
  await byEmail<Person>(options(changes))(message);
  expect(smtp.mails).toHaveLength(1);
  const { from, to, parsed, raw } = smtp.mails.pop()!;
  const lines = (parsed.text ?? "").split(/\r?\n/);
  return { from, to, raw, parsed, lines, text: parsed.text ?? "", page: parse(parsed.html ?? "") };
}

/** Collects instead of sending. */
function collector() {
  const mails: Mail[] = [];
  return { mails, sendMail: (mail: Mail) => void mails.push(mail) };
}

describe("a reset mail", () => {
  it("arrives at the stored address, with the link alone on its line", async () => {
    const { from, to, parsed, lines } = await arrival(resetMessage());
    expect({ from, to }).toEqual({ from: "no-reply@example.com", to: ["ada@example.com"] });
    expect(parsed.from).toMatchObject({ name: "Example", address: "no-reply@example.com" });
    expect(parsed.to).toMatchObject([{ name: "", address: "ada@example.com" }]);
    expect(parsed.subject).toBe("Reset your Example password");
    expect(lines.filter((line) => line.includes("https://"))).toEqual([link]);
    expect(lines).toContain("This link works once and expires in 24 hours.");
  });

  it("has a code alone on its line, where there is one", async () => {
    const { lines, page } = await arrival(resetMessage({ code: "4821-7730" }));
    expect(lines).toContain("4821-7730");
    expect(lines).toContain(link);
    expect(page.querySelector(".box")?.text).toBe("4821-7730");
  });

  it("has the code right below the button, before the small print", async () => {
    const { page, lines } = await arrival(resetMessage({ code: "4821-7730" }));
    const text = page.querySelector("body")!.structuredText;
    const places = ["Reset password", "4821-7730", "This link works once", "If the button doesn't work"];
    expect(places.map((words) => text.indexOf(words))).toEqual(
      places.map((words) => text.indexOf(words)).sort((a, b) => a - b),
    );
    expect(lines.indexOf("4821-7730")).toBeLessThan(
      lines.findIndex((line) => line.startsWith("This link works once")),
    );
  });

  it("shows inboxes what to do, before anything else", async () => {
    const preview = (page: HTMLElement) => page.querySelector("body > div")!.text;
    const reset = await arrival(resetMessage());
    expect(preview(reset.page)).toMatch(/^Choose a new password. The link expires in 24 hours./);
    expect(preview((await arrival(changedMessage())).page)).toMatch(
      /^Hi there, The password for your Example account was changed./,
    );
  });

  it("has the accent color of the pages, in light and dark", async () => {
    const { parsed } = await arrival(resetMessage());
    for (const { accent } of [lightColors, darkColors]) {
      expect(parsed.html).toContain(accent);
      expect(style).toContain(`--accent: ${accent};`);
    }
  });

  it("has an HTML part with that link only, and loads nothing", async () => {
    const { page, parsed } = await arrival(resetMessage({ code: "48217730" }));
    expect(page.querySelectorAll("[href]").map((a) => a.getAttribute("href"))).toEqual([link, link]);
    expect(page.querySelectorAll("a").at(-1)?.text).toBe(link);
    expect(
      page.querySelectorAll("script, img, link, iframe, object, form, base, [src], [background]"),
    ).toEqual([]);
    expect(parsed.html).not.toMatch(/url\(|@import/i);
    expect(parsed.html?.match(/\w+:\/\/[^"<\s]*/g)).toEqual([link, link, link]);
    const attributes = page.querySelectorAll("*").flatMap((element) => Object.keys(element.attributes));
    expect(attributes.filter((name) => name.startsWith("on"))).toEqual([]);
    expect(parsed.attachments).toEqual([]);
  });

  it("says that it is automatic, and asks relays not to rewrite links", async () => {
    const { parsed } = await arrival(resetMessage());
    const headers = Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value]));
    expect(headers).toMatchObject({
      "auto-submitted": "auto-generated",
      "x-auto-response-suppress": "All",
      "x-mailgun-track": "no",
      "x-pm-tracklinks": "None",
    });
    expect(parsed.messageId).toMatch(/^<[^<>\s]+@example\.com>$/);
  });

  it.each([
    [30_000, "1 minute"],
    [10 * 60_000, "10 minutes"],
    [10 * 60_000 - 900, "10 minutes"],
    [60 * 60_000, "60 minutes"],
    [150 * 60_000, "2 hours"],
    [24 * 3_600_000, "24 hours"],
    [71 * 3_600_000, "71 hours"],
    [7 * 86_400_000, "7 days"],
  ])("says %i ms as %s", async (length, words) => {
    const { lines } = await arrival(resetMessage({ expiresAt: new Date(now + length) }));
    expect(lines).toContain(`This link works once and expires in ${words}.`);
  });

  it("names nobody unless it is told how", async () => {
    expect((await arrival(resetMessage())).lines[0]).toBe("Hi there,");
    const { lines, page } = await arrival(resetMessage(), { nameOf: (user) => user.name });
    expect(lines[0]).toBe("Hi Ada,");
    expect(page.text).toContain("Hi Ada,");
  });

  it("speaks German to whoever reads German, and English where it has no words", async () => {
    const german = await arrival(resetMessage({ locale: "de-AT" }));
    expect(german.parsed.subject).toBe("Passwort für Example zurücksetzen");
    expect(german.lines).toContain("Der Link funktioniert einmal und ist 24 Stunden gültig.");
    expect(german.page.querySelector("html")?.getAttribute("lang")).toBe("de");
    const other = await arrival(resetMessage({ locale: "../../etc/passwd" }));
    expect(other.parsed.subject).toBe("Reset your Example password");
  });

  it("has words of its own for an invitation", async () => {
    const { parsed, lines } = await arrival(resetMessage({ template: "invitation" }));
    expect(parsed.subject).toBe("Your Example account is ready");
    expect(lines).toContain(link);
  });

  it("is refused where nobody has written the template that was asked for", async () => {
    await expect(arrival(resetMessage({ template: "welcome" }))).rejects.toThrow(
      'byEmail has no template "welcome". Pass it as templates: { "welcome": (message) => … }.',
    );
  });
});

describe("a mail about a changed password", () => {
  it("tells when and roughly where from, and has no link that acts", async () => {
    const { parsed, lines, page } = await arrival(changedMessage(), { support: "help@example.com" });
    expect(parsed.subject).toBe("Your Example password was changed");
    expect(lines).toContain("When: November 23, 2026 at 12:00 UTC");
    expect(lines).toContain("Device: Firefox (Windows)");
    expect(lines).toContain("Network: 203.0.113.x");
    expect(page.querySelectorAll("[href]").map((a) => a.getAttribute("href"))).toEqual([
      "mailto:help@example.com",
    ]);
    expect(parsed.text).not.toContain("://");
    expect(parsed.html).not.toContain("203.0.113.77");
  });

  it("tells the time of the zone it was given", async () => {
    const { lines } = await arrival(changedMessage({ locale: "de" }), { timeZone: "Europe/Vienna" });
    expect(lines).toContain("Zeitpunkt: 23. November 2026 um 13:00 MEZ");
  });

  it("leaves out what is not known", async () => {
    const { text } = await arrival(changedMessage({ request: { ip: "proxy", userAgent: "curl/8.5" } }));
    expect(text).not.toMatch(/Device|Network|curl|proxy/);
  });
});

describe("a mail about an account that is not there", () => {
  it("has no link at all", async () => {
    const { to, parsed, page } = await arrival(unknownMessage());
    expect(to).toEqual(["eve@example.com"]);
    expect(parsed.subject).toBe("Your Example password reset request");
    expect(page.querySelectorAll("[href]")).toEqual([]);
  });
});

describe("what a transport gets", () => {
  it("is one recipient as an object, and the same in the envelope", async () => {
    const sink = collector();
    await byEmail<Person>(options({ transport: sink }))(resetMessage());
    const { from, to, envelope } = sink.mails[0]!;
    expect(from).toEqual({ name: "Example", address: "no-reply@example.com" });
    expect(to).toEqual({ name: "", address: "ada@example.com" });
    expect(envelope).toEqual({ from: "no-reply@example.com", to: ["ada@example.com"] });
  });

  it("is dry-run to the last byte with nodemailer, and sent to nobody", async () => {
    const watched = createTransport(smtp.url);
    const built: string[] = [];
    watched.use("stream", (mail, done) =>
      mail.message.build((error, bytes) => {
        built.push(String(bytes));
        done(error);
      }),
    );
    const deliver = byEmail<Person>(options({ transport: watched }));
    await deliver.dryRun(resetMessage());
    expect(smtp.mails).toEqual([]);
    await deliver(resetMessage());
    expect(smtp.mails).toHaveLength(1);
    const constant = (mail: string) =>
      mail
        .replace(/^(?:Message-ID|Date): .*\r?\n/gm, "")
        .replace(/=?\r?\n/g, "")
        .replace(/_NmP-\w+/g, "")
        .replace("To: no-reply@", "To: ada@");
    expect(built).toHaveLength(2);
    expect(constant(built[0]!)).toBe(constant(built[1]!));
    watched.close();
  });

  it("fails in a dry run as it would fail when built", async () => {
    const broken = createTransport(smtp.url);
    broken.use("compile", (_mail, done) => done(new Error("no key")));
    const deliver = byEmail<Person>(options({ transport: broken }));
    await expect(deliver.dryRun(resetMessage())).rejects.toThrow("no key");
    await expect(deliver(resetMessage())).rejects.toThrow("no key");
  });

  it("is dry-run where there is no user to name", async () => {
    const dryRuns: Mail[] = [];
    const transport = { ...collector(), dryRun: (mail: Mail) => void dryRuns.push(mail) };
    const nobody = resetMessage({ user: undefined as unknown as Person });
    await byEmail<Person>(options({ transport, nameOf: ({ name }) => name })).dryRun(nobody);
    expect(dryRuns[0]!.text).toMatch(/^Hi there,\n/);
  });

  it("is dry-run by the transport's own means, or else in words only", async () => {
    const sent = collector();
    const dryRuns: Mail[] = [];
    const dryRun = (mail: Mail) => void dryRuns.push(mail);
    await byEmail<Person>(options({ transport: { ...sent, dryRun } })).dryRun(resetMessage());
    expect(dryRuns[0]!.text).toContain(link);
    expect(dryRuns[0]!.envelope.to).toEqual(["no-reply@example.com"]);
    await byEmail<Person>(options({ transport: sent })).dryRun(resetMessage());
    expect(sent.mails).toEqual([]);
  });

  it.each([
    ["refuses for good", 550, { responseCode: 550 }],
    ["asks for patience", 451, { responseCode: 451 }],
    ["hangs up", "drop", { code: "ECONNECTION" }],
    ["never answers", "hang", { code: "ETIMEDOUT" }],
  ] as const)("rejects where the mail server %s", async (_, behaviour, error) => {
    // Only a server that never answers may be given up: any other is waited for, however busy the machine is.
    const limit = behaviour === "hang" ? 300 : 30_000;
    const impatient = createTransport(`${smtp.url}&socketTimeout=${limit}`);
    smtp.behave = () => behaviour;
    try {
      await expect(arrival(resetMessage(), { transport: impatient })).rejects.toMatchObject(error);
      expect(smtp.mails).toEqual([]);
    } finally {
      smtp.behave = () => "accept";
    }
  });
});

describe("templates of one's own", () => {
  const subject = "Hi";

  it("replace ours, kind by kind, with the reader's words at hand", async () => {
    const { parsed, lines } = await arrival(resetMessage({ locale: "de" }), {
      templates: {
        reset: ({ url }, { tag, email }) => ({
          subject: `${tag}: ${email.reset.action}`,
          text: `\n${url}\n`,
        }),
      },
    });
    expect(parsed.subject).toBe("de: Passwort zurücksetzen");
    expect(lines).toContain(link);
    expect(parsed.html).toBeUndefined();
  });

  it("may be asynchronous, named by issueFor, and give HTML that is escaped", async () => {
    const { page } = await arrival(
      resetMessage({ template: "welcome", user: { id: 2, name: '<img src="https://evil.example/">' } }),
      {
        templates: {
          welcome: async ({ url, user }) => ({
            subject,
            text: url,
            html: html`<p title="${user.name}">${user.name}</p>`,
          }),
        },
      },
    );
    expect(page.querySelectorAll("img")).toEqual([]);
    expect(page.querySelector("p")?.text).toBe('<img src="https://evil.example/">');
  });

  it.each([{}, { subject }, { text: "x" }, { subject, text: null }])(
    "send nothing where they give %j",
    async (content) => {
      const templates = { reset: () => content as never };
      await expect(arrival(resetMessage(), { templates })).rejects.toThrow(
        "A template of byEmail must return { subject, text }",
      );
    },
  );

  it("cannot add a header by a subject with line breaks", async () => {
    const { parsed, to } = await arrival(resetMessage(), {
      templates: { reset: () => ({ subject: "Hi\r\nBcc: evil@evil.example\0\u2028\u202Ex", text: "." }) },
    });
    expect(parsed.subject).toBe("Hi Bcc: evil@evil.example x");
    expect(parsed.headers.map(({ key }) => key)).not.toContain("bcc");
    expect(to).toEqual(["ada@example.com"]);
  });
});

describe("construction", () => {
  const build = (changes: object) => () => byEmail({ ...options(), ...changes } as EmailOptions<Person>);

  it.each([
    ["Example <no-reply@example.com>", { name: "Example", address: "no-reply@example.com" }],
    ['"Example, Inc." <no-reply@example.com>', { name: "Example, Inc.", address: "no-reply@example.com" }],
    ["no-reply@example.com", { name: "", address: "no-reply@example.com" }],
    ["<no-reply@example.com>", { name: "", address: "no-reply@example.com" }],
    ["Müller & Söhne <post@müller.example>", { name: "Müller & Söhne", address: "post@müller.example" }],
    [
      { name: "A, B", address: "a@example.com" },
      { name: "A, B", address: "a@example.com" },
    ],
  ])("reads the sender %j", async (from, read) => {
    const sink = collector();
    await byEmail<Person>(options({ transport: sink, from }))(resetMessage());
    expect(sink.mails[0]!.from).toEqual(read);
  });

  it.each([
    undefined,
    "",
    "Example",
    "Example <no-reply>",
    "a@example.com, b@example.com",
    "A, B <a@example.com>",
    "group: a@example.com;",
    '"evil@evil.example"@example.com',
    "Example <a@example.com> <b@example.com>",
    "Exa\r\nBcc: evil@evil.example <a@example.com>",
    { name: "a\nb", address: "a@example.com" },
    { name: "a", address: "a@example.com\r\nBcc: b@example.com" },
    { name: "x".repeat(101), address: "a@example.com" },
    { name: 1, address: "a@example.com" },
    ["a@example.com"],
  ])("refuses the sender %j", (from) => {
    expect(build({ from })).toThrow(TypeError);
    expect(build({ from })).toThrow(/^byEmail's from /);
  });

  it.each([
    [{ transport: undefined }, /^byEmail's transport.sendMail is missing: pass nodemailer's/],
    [{ transport: {} }, /^byEmail's transport.sendMail is missing/],
    [{ form: "x" }, /^byEmail has no option "form". Did you mean "from"?/],
    [{ appName: "a\nb" }, /^byEmail's appName can't be used/],
    [{ appName: "" }, /^byEmail's appName can't be used/],
    [{ support: "javascript:alert(1)" }, /^byEmail's support must be an email address/],
    [{ support: "http://example.com" }, /^byEmail's support must be an email address/],
    [{ replyTo: "x" }, /^byEmail's replyTo must contain a plain email address/],
    [{ timeZone: "Mars/Phobos" }, /^byEmail's timeZone is "Mars\/Phobos", which isn't an IANA time zone/],
    [{ nameOf: "name" }, /^byEmail's nameOf must be a function/],
    [{ clock: 1 }, /^byEmail's clock must be a function/],
    [{ templates: { reset: "…" } }, /^byEmail's templates.reset must be a function/],
  ])("refuses %j", (changes, sentence) => {
    expect(build(changes)).toThrow(TypeError);
    expect(build(changes)).toThrow(sentence);
  });

  it("names the application after the sender", async () => {
    const bare = await arrival(resetMessage(), { from: "no-reply@example.com" });
    expect(bare.parsed.subject).toBe("Reset your example.com password");
    const named = await arrival(resetMessage(), { appName: "Acme", replyTo: "Desk <desk@example.com>" });
    expect(named.parsed.subject).toBe("Reset your Acme password");
    expect(named.parsed.replyTo).toMatchObject([{ name: "Desk", address: "desk@example.com" }]);
  });

  it("links a help page", async () => {
    const { page, lines } = await arrival(unknownMessage(), { support: "https://example.com/help?a=1&b=2" });
    expect(page.querySelector("[href]")?.getAttribute("href")).toBe("https://example.com/help?a=1&b=2");
    expect(lines).toContain("Questions? Contact us: https://example.com/help?a=1&b=2");
  });
});

it("puts the token nowhere but into link, text and HTML", async () => {
  const sink = collector();
  await byEmail<Person>(options({ transport: sink }))(resetMessage());
  const { text, html: page, ...rest } = sink.mails[0]!;
  expect(text).toContain(token);
  expect(page).toContain(token);
  expect(JSON.stringify(rest)).not.toContain(token);
});
