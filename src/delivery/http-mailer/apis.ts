/**
 * The HTTP APIs of well-known email services, one entry each. Adding one takes this file and its test.
 *
 * @module
 */
import type { Mail, MailAddress } from "../mail.js";

/** Describes the HTTP API of an email service. */
export interface MailApi {
  /** The service's name, for error messages. */
  readonly name: string;
  /** Base URL of the API. */
  readonly endpoint: string;
  /** Whether the API's URL contains the sending domain. */
  readonly needsDomain?: boolean;
  /** Builds the request that sends an email. */
  request(mail: Mail, access: MailApiAccess): MailApiRequest;
}

export interface MailApiAccess {
  readonly apiKey: string;
  readonly domain: string;
  /** Base URL of the API, without a trailing slash. */
  readonly endpoint: string;
}

export interface MailApiRequest {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | URLSearchParams;
}

export const mailApis = {
  brevo: {
    name: "Brevo",
    endpoint: "https://api.brevo.com",
    request: ({ from, to, replyTo, subject, text, html, headers }, { endpoint, apiKey }) =>
      json(
        `${endpoint}/v3/smtp/email`,
        { "api-key": apiKey },
        {
          sender: emailAndName(from),
          to: [emailAndName(to)],
          replyTo: replyTo && emailAndName(replyTo),
          subject,
          textContent: text,
          htmlContent: html,
          headers,
        },
      ),
  },
  mailgun: {
    name: "Mailgun",
    endpoint: "https://api.mailgun.net",
    needsDomain: true,
    request: ({ from, to, replyTo, subject, text, html, headers }, { endpoint, apiKey, domain }) => ({
      url: `${endpoint}/v3/${domain}/messages`,
      headers: { Authorization: `Basic ${btoa(`api:${apiKey}`)}` },
      body: new URLSearchParams({
        from: oneText(from),
        to: oneText(to),
        subject,
        text,
        ...(html === undefined ? {} : { html }),
        ...(replyTo === undefined ? {} : { "h:Reply-To": oneText(replyTo) }),
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [`h:${name}`, value])),
        "o:tracking": "no",
        "o:tracking-clicks": "no",
        "o:tracking-opens": "no",
      }),
    }),
  },
  postmark: {
    name: "Postmark",
    endpoint: "https://api.postmarkapp.com",
    request: ({ from, to, replyTo, subject, text, html, headers }, { endpoint, apiKey }) =>
      json(
        `${endpoint}/email`,
        { "X-Postmark-Server-Token": apiKey },
        {
          From: oneText(from),
          To: oneText(to),
          ReplyTo: replyTo && oneText(replyTo),
          Subject: subject,
          TextBody: text,
          HtmlBody: html,
          Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
          TrackOpens: false,
          TrackLinks: "None",
          MessageStream: "outbound",
        },
      ),
  },
  resend: {
    name: "Resend",
    endpoint: "https://api.resend.com",
    request: ({ from, to, replyTo, subject, text, html, headers }, { endpoint, apiKey }) =>
      json(
        `${endpoint}/emails`,
        { Authorization: `Bearer ${apiKey}` },
        {
          from: oneText(from),
          to: [oneText(to)],
          reply_to: replyTo && oneText(replyTo),
          subject,
          text,
          html,
          headers,
        },
      ),
  },
  sendgrid: {
    name: "SendGrid",
    endpoint: "https://api.sendgrid.com",
    request: ({ from, to, replyTo, subject, text, html, headers }, { endpoint, apiKey }) =>
      json(
        `${endpoint}/v3/mail/send`,
        { Authorization: `Bearer ${apiKey}` },
        {
          personalizations: [{ to: [emailAndName(to)] }],
          from: emailAndName(from),
          reply_to: replyTo && emailAndName(replyTo),
          subject,
          content: [
            { type: "text/plain", value: text },
            ...(html === undefined ? [] : [{ type: "text/html", value: html }]),
          ],
          headers,
          tracking_settings: {
            click_tracking: { enable: false, enable_text: false },
            open_tracking: { enable: false },
          },
        },
      ),
  },
} as const satisfies Record<string, MailApi>;

/** A JSON request. Properties that are `undefined` are left out. */
function json(url: string, headers: Record<string, string>, body: object): MailApiRequest {
  return {
    url,
    headers: { ...headers, "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  };
}

function emailAndName({ name, address }: MailAddress): { email: string; name?: string } {
  return name === "" ? { email: address } : { email: address, name };
}

/** RFC 5322 §3.4: the name is a quoted string, so that a comma or bracket in it has no meaning. */
function oneText({ name, address }: MailAddress): string {
  return name === "" ? address : `"${name.replace(/["\\]/g, "\\$&")}" <${address}>`;
}
