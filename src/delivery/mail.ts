/**
 * An email as transports receive it, in the shape that nodemailer's `sendMail` takes.
 *
 * @module
 */
import { UsageError } from "../check-options.js";
import { isAddress } from "../identity/identifier.js";
import type { Awaitable } from "../types.js";

export interface MailAddress {
  /** The display name. Empty if there's only the address. */
  readonly name: string;
  /** The email address alone, such as `ada@example.com`. */
  readonly address: string;
}

export interface Mail {
  /** The `From` header. */
  readonly from: MailAddress;
  /** One recipient, as an object: a string would be parsed, and parsers have been tricked into sending elsewhere (CVE-2025-13033). */
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
  /** The sender and recipients that the mail server gets, regardless of the headers. */
  readonly envelope: { readonly from: string; readonly to: string[] };
}

/** Anything with nodemailer's `sendMail`. */
export interface MailTransport {
  /** Sends one email. Resolves once the server has accepted it, and rejects if it didn't. */
  sendMail(mail: Mail): Awaitable<unknown>;
  /** Builds the email without sending it. A nodemailer transport doesn't need it: `byEmail` has its own way to do that. */
  dryRun?(mail: Mail): Awaitable<unknown>;
}

/**
 * Asks mail relays that rewrite links to count clicks (Mailgun, Mailjet, Postmark) not to do so in this email: a rewritten
 * link puts the token into another service's log. Other relays ignore the headers. SendGrid and Amazon SES look for
 * attributes of the link instead, which the standard templates have.
 */
export const relayHeaders: Readonly<Record<string, string>> = {
  "X-Mailgun-Track": "no",
  "X-Mailjet-TrackClick": "0",
  "X-Mailjet-TrackOpen": "0",
  "X-PM-TrackLinks": "None",
};

/**
 * Parses an email address of the configuration: `"Example <no-reply@example.com>"`, the address alone, or
 * `{ name, address }` if the name has commas and the like. Throws a `TypeError` that names `option`.
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

function split(text: string): MailAddress {
  const [, quoted, plain = "", address = text] = withName.exec(text.trim().replace(/"\s+</, '"<')) ?? [];
  return { name: (quoted ?? plain).trim(), address };
}
