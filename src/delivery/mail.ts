/**
 * A mail as transports get it, in the shape that nodemailer's `sendMail` takes.
 *
 * @module
 */
import { UsageError } from "../check-options.js";
import { isAddress } from "../identity/identifier.js";
import type { Awaitable } from "../types.js";

export interface MailAddress {
  /** What people see; empty for the address alone. */
  readonly name: string;
  /** The email address alone, such as `ada@example.com`. */
  readonly address: string;
}

export interface Mail {
  /** The `From` header. */
  readonly from: MailAddress;
  /** One recipient, as an object: a text would be parsed, and parsers were made to send elsewhere (CVE-2025-13033). */
  readonly to: MailAddress;
  /** The `Reply-To` header. */
  readonly replyTo?: MailAddress;
  /** The subject, on one line. */
  readonly subject: string;
  /** The text part. */
  readonly text: string;
  /** The HTML part. */
  readonly html?: string;
  /** Further headers, by name. */
  readonly headers: Record<string, string>;
  /** Who the mail server is told, whatever the headers say. */
  readonly envelope: { readonly from: string; readonly to: string[] };
}

/** Anything with nodemailer's `sendMail`: resolves when the message was accepted, rejects when it was not. */
export interface MailTransport {
  /** Sends one email. Rejects if the server refused it. */
  sendMail(mail: Mail): Awaitable<unknown>;
  /** Does all but sending. nodemailer has none, and needs none: `byEmail` knows how to ask it. */
  dryRun?(mail: Mail): Awaitable<unknown>;
}

/**
 * Asks mail relays that rewrite links to count clicks (Mailgun, Mailjet, Postmark) to leave this mail alone:
 * a rewritten link is a token in another service's log. Other relays ignore it. SendGrid and Amazon SES
 * look for attributes of the link instead, which the standard templates have.
 */
export const relayHeaders: Readonly<Record<string, string>> = {
  "X-Mailgun-Track": "no",
  "X-Mailjet-TrackClick": "0",
  "X-Mailjet-TrackOpen": "0",
  "X-PM-TrackLinks": "None",
};

/**
 * Reads an address out of the configuration: `"Example <no-reply@example.com>"`, the bare address, or
 * `{ name, address }` where a name has commas and the like. Throws a `TypeError` that names `option`.
 */
export function mailAddress(given: unknown, option: string): MailAddress {
  const { name = "", address } = (
    typeof given === "string" ? split(given) : (given ?? {})
  ) as Partial<MailAddress>;
  if (typeof address !== "string" || !isAddress(address)) {
    throw new UsageError(
      `${option} must contain a plain email address. Use "Example <no-reply@example.com>", or { name: "Example", address: "no-reply@example.com" }.`,
    );
  }
  if (typeof name !== "string" || name.length > 100 || unprintable.test(name)) {
    throw new UsageError(
      `${option} has a name that a header can't contain. Use at most 100 characters, without line breaks and other control characters.`,
    );
  }
  return { name, address };
}

const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

// RFC 5322 §3.4, without comments, groups, routes, lists, and escapes.
const withName = /^(?:"([^"\\]*)"|([^"(),:;<>@[\]\\]*))<([^<>]*)>$/;

function split(text: string): Partial<MailAddress> {
  const match = withName.exec(text.trim().replace(/"\s+</, '"<'));
  return match ? { name: (match[1] ?? match[2] ?? "").trim(), address: match[3]! } : { address: text };
}
