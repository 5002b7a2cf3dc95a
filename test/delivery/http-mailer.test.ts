import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { byEmail } from "../../src/delivery/email.js";
import { httpMailer, type HttpMailerOptions } from "../../src/delivery/http-mailer.js";
import { link, now, resetMessage } from "./messages.js";

interface Call {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Stands for the mail service: notes what it gets, and answers as it is told. */
let server: Server;
let endpoint: string;
const calls: Call[] = [];
let answer: { status: number; body: string; headers?: Record<string, string> } | "hang";

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      calls.push({ method, path: url, headers, body: Buffer.concat(chunks).toString("utf8") });
      if (answer !== "hang") response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  calls.splice(0);
  answer = { status: 200, body: "{}" };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const apiKey = "key-1234567890-secret";

async function callOf(options: Partial<HttpMailerOptions>): Promise<Call> {
  const transport = httpMailer({ provider: "resend", apiKey, endpoint, ...options });
  const from = { name: 'Example, "Inc."', address: "no-reply@example.com" };
  await byEmail({ transport, from, replyTo: "desk@example.com", clock: () => now })(resetMessage());
  expect(calls).toHaveLength(1);
  return calls[0]!;
}

const quoted = '"Example, \\"Inc.\\"" <no-reply@example.com>';
const bare = { email: "no-reply@example.com", name: 'Example, "Inc."' };
const subject = 'Reset your Example, "Inc." password';
const text = expect.stringMatching(`\\n${link.replaceAll(".", "\\.")}\\n`) as string;
const html = expect.stringMatching(/^<!doctype html>/) as string;
const headers = { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" };

describe("what each mail service gets", () => {
  it("is Brevo's shape", async () => {
    const call = await callOf({ provider: "brevo" });
    expect([call.method, call.path, call.headers["api-key"]]).toEqual(["POST", "/v3/smtp/email", apiKey]);
    expect(JSON.parse(call.body)).toEqual({
      sender: bare,
      to: [{ email: "ada@example.com" }],
      replyTo: { email: "desk@example.com" },
      subject,
      textContent: text,
      htmlContent: html,
      headers,
    });
  });

  it("is Mailgun's form, with tracking off", async () => {
    const call = await callOf({ provider: "mailgun", domain: "mg.example.com" });
    expect([call.method, call.path]).toEqual(["POST", "/v3/mg.example.com/messages"]);
    expect(call.headers.authorization).toBe(`Basic ${Buffer.from(`api:${apiKey}`).toString("base64")}`);
    expect(call.headers["content-type"]).toBe("application/x-www-form-urlencoded;charset=UTF-8");
    expect(Object.fromEntries(new URLSearchParams(call.body))).toEqual({
      from: quoted,
      to: "ada@example.com",
      subject,
      text,
      html,
      "h:Reply-To": "desk@example.com",
      "h:Auto-Submitted": "auto-generated",
      "h:X-Auto-Response-Suppress": "All",
      "o:tracking": "no",
      "o:tracking-clicks": "no",
      "o:tracking-opens": "no",
    });
  });

  it("is Postmark's shape, with tracking off", async () => {
    const call = await callOf({ provider: "postmark" });
    expect([call.method, call.path, call.headers["x-postmark-server-token"]]).toEqual([
      "POST",
      "/email",
      apiKey,
    ]);
    expect(JSON.parse(call.body)).toEqual({
      From: quoted,
      To: "ada@example.com",
      ReplyTo: "desk@example.com",
      Subject: subject,
      TextBody: text,
      HtmlBody: html,
      Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
      TrackOpens: false,
      TrackLinks: "None",
      MessageStream: "outbound",
    });
  });

  it("is Resend's shape", async () => {
    const call = await callOf({ provider: "resend" });
    expect([call.method, call.path, call.headers.authorization]).toEqual([
      "POST",
      "/emails",
      `Bearer ${apiKey}`,
    ]);
    expect(call.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(call.body)).toEqual({
      from: quoted,
      to: ["ada@example.com"],
      reply_to: "desk@example.com",
      subject,
      text,
      html,
      headers,
    });
  });

  it("is SendGrid's shape, with tracking off", async () => {
    const call = await callOf({ provider: "sendgrid" });
    expect([call.method, call.path, call.headers.authorization]).toEqual([
      "POST",
      "/v3/mail/send",
      `Bearer ${apiKey}`,
    ]);
    expect(JSON.parse(call.body)).toEqual({
      personalizations: [{ to: [{ email: "ada@example.com" }] }],
      from: bare,
      reply_to: { email: "desk@example.com" },
      subject,
      content: [
        { type: "text/plain", value: text },
        { type: "text/html", value: html },
      ],
      headers,
      tracking_settings: {
        click_tracking: { enable: false, enable_text: false },
        open_tracking: { enable: false },
      },
    });
  });

  it("is a shape of one's own", async () => {
    const call = await callOf({
      provider: {
        name: "Ours",
        endpoint,
        request: ({ to, subject }, access) => ({
          url: `${access.endpoint}/send`,
          headers: { "X-Key": access.apiKey },
          body: JSON.stringify([to.address, subject]),
        }),
      },
    });
    expect([call.path, call.headers["x-key"], call.body]).toEqual([
      "/send",
      apiKey,
      JSON.stringify(["ada@example.com", subject]),
    ]);
  });
});

it("dry-runs a mail without a call", async () => {
  const transport = httpMailer({ provider: "sendgrid", apiKey, endpoint });
  await byEmail({ transport, from: "no-reply@example.com" }).dryRun(resetMessage());
  expect(calls).toEqual([]);
});

describe("a refusal", () => {
  const echo = `ada@example.com ${link} ${apiKey}`;

  it.each([
    [401, "{}", "Resend rejected the email with status 401."],
    [422, JSON.stringify({ name: "validation_error", message: echo }), "status 422 (validation_error)."],
    [422, JSON.stringify({ ErrorCode: 300, Message: echo }), "status 422 (300)."],
    [400, JSON.stringify({ code: echo }), "status 400."],
    [500, `<html>${echo}`, "status 500."],
    [503, "", "status 503."],
    [302, "", "status 302."],
  ])(
    "with status %i is an error that tells nothing of the mail or the key",
    async (status, body, sentence) => {
      answer = { status, body, headers: { location: `${endpoint}/elsewhere` } };
      const error = await callOf({}).then(
        () => undefined,
        (reason: unknown) => reason as Error,
      );
      expect(error?.message).toContain(sentence);
      expect(`${error?.message} ${error?.stack} ${JSON.stringify(error)}`).not.toMatch(
        /ada@|reset-password|key-/,
      );
      expect(calls).toHaveLength(1);
    },
  );

  it("is what a service that does not answer amounts to", async () => {
    answer = "hang";
    await expect(callOf({ timeout: 50 })).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

describe("construction", () => {
  const build = (changes: object) => () =>
    httpMailer({ provider: "resend", apiKey, ...changes } as HttpMailerOptions);

  it.each([
    [{ provider: "sendgird" }, /^httpMailer's provider isn't supported. Use one of brevo, mailgun,/],
    [{ provider: "toString" }, /^httpMailer's provider isn't supported/],
    [{ provider: { name: "x" } }, /^httpMailer's provider isn't supported/],
    [{ apiKey: undefined }, /^httpMailer's apiKey is missing/],
    [{ apiKey: "a\r\nb" }, /^httpMailer's apiKey is missing, or has characters/],
    [{ provider: "mailgun" }, /^httpMailer's domain is missing. Pass the sending domain that Mailgun knows/],
    [{ provider: "mailgun", domain: "a.com/../x" }, /^httpMailer's domain is missing/],
    [{ endpoint: "http://api.example.com" }, /^httpMailer's endpoint is "http:\/\/api.example.com". Use/],
    [{ endpoint: "https://api.example.com/?a=1" }, /^httpMailer's endpoint is /],
    [{ timeout: "soon" }, /^httpMailer's timeout is "soon"/],
    [{ fetch: "node-fetch" }, /^httpMailer's fetch must be a function/],
    [{ key: "x" }, /^httpMailer has no option "key"/],
  ])("refuses %j", (changes, sentence) => {
    expect(build(changes)).toThrow(TypeError);
    expect(build(changes)).toThrow(sentence);
  });
});
