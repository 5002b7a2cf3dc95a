import { domainToASCII } from "node:url";
import fc from "fast-check";
import { createTransport, type Transporter } from "nodemailer";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { byEmail } from "../../src/delivery/email.js";
import type { Mail } from "../../src/delivery/mail.js";
import { isAddress } from "../../src/identity/identifier.js";
import { type SmtpFake, startSmtp } from "../servers/smtp.js";
import { link, now, type Person, resetMessage } from "./messages.js";

let smtp: SmtpFake;
let transport: Transporter;
let deliver: ReturnType<typeof byEmail<Person>>;

beforeAll(async () => {
  smtp = await startSmtp();
  transport = createTransport({ ...poolOf(smtp.port) });
  // A short mail: what is tested here is the way to the recipient.
  const templates = { reset: ({ url }: { url: string }) => ({ subject: "s", text: url }) };
  deliver = byEmail({ transport, from: "Example <no-reply@example.com>", clock: () => now, templates });
});
beforeEach(() => void smtp.mails.splice(0));
afterAll(async () => {
  transport.close();
  await smtp.close();
});

const poolOf = (port: number) =>
  ({
    host: "127.0.0.1",
    port,
    ignoreTLS: true,
    pool: true,
    maxConnections: 1,
    maxMessages: Infinity,
  }) as const;

const labelsOf = (address: string) => address.slice(address.lastIndexOf("@") + 1).split(".");

/**
 * Whether `arrived` is `stored` with its domain as the DNS has it (IDNA), by Node's own mapping. What IDNA has
 * no form for may be written as it is or in punycode. A plain label stays itself, and no other becomes one.
 */
function isSame(arrived: string, stored: string): boolean {
  const [is, was] = [labelsOf(arrived), labelsOf(stored)];
  const ascii = domainToASCII(was.join("."));
  const domainIs = domainToASCII(is.join(".")) || is.join(".").toLowerCase();
  return (
    arrived.slice(0, arrived.lastIndexOf("@")) === stored.slice(0, stored.lastIndexOf("@")) &&
    is.length === was.length &&
    (ascii === "" || domainIs === ascii) &&
    was.every((label, i) => {
      const isEncoded = /^xn--/i.test(label);
      if (isAscii(label) && !isEncoded) return is[i] === label.toLowerCase();
      return !isAscii(is[i]!) || is[i]!.startsWith("xn--");
    })
  );
}

const isAscii = (text: string) => /^[\x21-\x7e]*$/.test(text);

const asciiAtom = "abcXYZ019!#$%&'*+/=?^_`{|}~-";
const letters = fc
  .integer({ min: 0xa1, max: 0x1ffff })
  .map((code) => (code >= 0xd800 && code <= 0xdfff ? "é" : String.fromCodePoint(code)));
const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...asciiAtom) },
  { weight: 1, arbitrary: letters },
);
const word = (max: number) =>
  fc.array(character, { minLength: 1, maxLength: max }).map((list) => list.join(""));
const address = fc
  .tuple(
    fc.array(word(8), { minLength: 1, maxLength: 3 }),
    fc.array(word(8), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("com", "example", "de", "xn--p1ai", "рф", "みんな", "x1"),
  )
  .map(([local, domain, top]) => `${local.join(".")}@${domain.join(".")}.${top}`);

describe("the recipient", () => {
  it("is, for every address that is accepted, that address and no other (1,500 addresses)", async () => {
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(address.filter(isAddress), async (to) => {
        await deliver(resetMessage({ address: to }));
        const { from, to: recipients, parsed } = smtp.mails.pop()!;
        sent++;
        expect(smtp.mails).toEqual([]);
        expect(from).toBe("no-reply@example.com");
        expect(recipients).toHaveLength(1);
        expect(isSame(recipients[0]!, to), `${to} became ${recipients[0]}`).toBe(true);
        expect(parsed.to).toHaveLength(1);
        expect(isSame(parsed.to![0]!.address!, to), `${to} is shown as ${parsed.to![0]!.address}`).toBe(true);
        expect([parsed.cc, parsed.bcc]).toEqual([undefined, undefined]);
      }),
      { numRuns: 1_500 },
    );
    expect(sent).toBeGreaterThanOrEqual(1_500);
  }, 120_000);

  it("is counted by this test: a text with two addresses in it reaches two", async () => {
    const to = "ada@example.com, evil@evil.example";
    await transport.sendMail({ from: "no-reply@example.com", to, subject: "s", text: link });
    expect(smtp.mails.pop()!.to).toEqual(["ada@example.com", "evil@evil.example"]);
    expect(isSame("ada@exampleviii.com", "ada@exampleⅧ.com")).toBe(false);
  });

  it.each([
    "ada@example.com\r\nBcc: evil@evil.example",
    "ada@example.com\nRCPT TO:<evil@evil.example>",
    "ada@example.com\0",
    "ada@example.com, evil@evil.example",
    "ada@example.com;evil@evil.example",
    "ada@example.com evil@evil.example",
    '"evil@evil.example x"@example.com',
    '"ada"@example.com',
    "Ada <ada@example.com>",
    "<ada@example.com>",
    "ada@example.com>",
    "ada(comment)@example.com",
    "group: ada@example.com;",
    "@evil.example:ada@example.com",
    "ada@[127.0.0.1]",
    "ada@[x@evil.example]",
    "ada@evil.example@example.com",
    "ada@example.com\u202Emoc.live",
    "ada@example\u2028.com",
    "ada@exam\u034Fple.com",
    "ada@exam\uFE0Fple.com",
    "ada@example\u3002com",
    "ada@example\uFF0Ecom",
    "ada@exampleⅧ.com",
    "ada@ªexample.com",
    "ada@1.2.3",
    "ada@0x7f.1",
    "ada@10.0.0.1",
    "ada@intranet",
    "ada@example..com",
    ".ada@example.com",
    "ada\\@evil.example@example.com",
    "ada%0d%0aBcc:evil@example.com",
    "ada@\ud800.example",
    `${"a".repeat(65)}@example.com`,
    `ada@${"a".repeat(250)}.com`,
    "",
    "@",
  ])("is nobody where the stored address is no plain one: %#", async (stored) => {
    await expect(deliver(resetMessage({ address: stored }))).rejects.toMatchObject({
      code: "unusable_address",
      message: expect.stringMatching(
        /^The account's email address can't be sent to\. (Store a plain|It has) /,
      ),
    });
    expect(smtp.mails).toEqual([]);
  });
});

describe("dots where they are irregular", () => {
  const irregular = ["ada..l@example.com", "ada.@example.com", "a...b..@example.com"];

  it.each(irregular)("keep a mail from %s, and the error names the option", async (address) => {
    await expect(deliver(resetMessage({ address }))).rejects.toThrow("byEmail({ allowIrregularDots: true })");
  });

  it.each(irregular)("are taken from %s with that option, as they are", async (address) => {
    const taken: string[][] = [];
    const keep = { sendMail: ({ envelope }: Mail) => void taken.push(envelope.to) };
    await byEmail({ transport: keep, from: "no-reply@example.com", allowIrregularDots: true })(
      resetMessage({ address }),
    );
    expect(taken).toEqual([[address]]);
  });

  it.each([".ada@example.com", "ada@example..com", "ada..l@[127.0.0.1]", "..@example.com"])(
    "never excuse %s",
    async (address) => {
      const loose = byEmail({ transport, from: "no-reply@example.com", allowIrregularDots: true });
      await expect(loose(resetMessage({ address }))).rejects.toThrow("Store a plain email address");
    },
  );
});

describe("a hostile account", () => {
  const rich = (user: Person, request: object = {}) => {
    const deliverRich = byEmail<Person>({
      transport,
      from: "Example <no-reply@example.com>",
      clock: () => now,
      nameOf: ({ name }) => name,
    });
    return deliverRich({
      kind: "changed",
      user,
      address: "ada@example.com",
      changedAt: new Date(now),
      locale: "en",
      request,
    });
  };

  const hostile = [
    '<img src="https://evil.example/x.png" onerror=alert(1)>',
    '<a href="https://evil.example">log in here</a>',
    "</td></tr></table><script>alert(1)</script>",
    "Ada\r\nBcc: evil@evil.example",
    "Ada\r\n.\r\nMAIL FROM:<evil@evil.example>",
    "Ada\0\x01\x1b[31m",
    "\u202Eelpmaxe.live//:sptth",
    "Call evil.example now",
    "Ring 0900 12345678",
    "https://evil.example/",
    'a"b,c;d:e<f>@g',
    "=?utf-8?q?Ada?=",
    "\ud800\udfff\udc00",
    "x".repeat(100_000),
    "Ada & 'Bob' \"Carl\" `Dora`",
  ];

  it.each(hostile)("cannot bend the mail by the name %#", async (name) => {
    await rich({ id: 1, name }, { ip: name, userAgent: name });
    const { to, parsed, raw } = smtp.mails.pop()!;
    expect(smtp.mails).toEqual([]);
    expect(to).toEqual(["ada@example.com"]);
    expect(parsed.subject).toBe("Your Example password was changed");
    expect(parsed.headers.map(({ key }) => key).filter((key) => /bcc|cc|reply-to/.test(key))).toEqual([]);
    expect(parsed.attachments).toEqual([]);
    expect(parsed.text).toContain("November 23, 2026");
    for (const part of [parsed.text ?? "", parsed.html ?? ""]) {
      expect(part).not.toMatch(/evil|https?:|\u202e|<script|onerror|0900|\0/i);
    }
    expect(raw).not.toMatch(/^Bcc:/im);
    expect(parsed.html?.trimEnd()).toMatch(/<\/html>$/);
  });

  it("is greeted by its name where that is one", async () => {
    for (const name of [
      "Ada 'Bob' D'Arc",
      "Ludwig Mies van der Rohe",
      "José Ñandú",
      "山田 太郎",
      "O’Brien-Smith Jr.",
      "محمد",
    ]) {
      await rich({ id: 1, name });
      const { parsed } = smtp.mails.pop()!;
      expect(parsed.text?.split(/\r?\n/)[0]).toBe(`Hi ${name},`);
      expect(parsed.html).not.toContain("& '");
    }
  });
});

describe("a template whose html isn't a string", () => {
  const send = async (html: unknown) => {
    const taken: Mail[] = [];
    const template = () => ({ subject: "Reset", text: "Reset", html: html as string });
    const deliverIt = byEmail({
      transport: { sendMail: (mail: Mail) => void taken.push(mail) },
      from: "no-reply@example.com",
      templates: { reset: template },
    });
    await deliverIt(resetMessage());
    return taken[0]!.html;
  };

  it("is awaited if it's a promise", async () => {
    expect(await send(Promise.resolve("<p>hello</p>"))).toBe("<p>hello</p>");
    expect(await send(undefined)).toBeUndefined();
  });

  it.each([null, 5, { html: "<p>hello</p>", errors: [] }, ["<p>"], Promise.resolve(null)])(
    "is refused: %j",
    (html) => expect(send(html)).rejects.toThrow("A template of byEmail returned html of type"),
  );
});
