/**
 * Delivery by mail, through anything that has nodemailer's `sendMail`.
 *
 * @module
 */
import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import { type Html, isHtml } from "../html.js";
import { isAddress } from "../identity/identifier.js";
import type { Sentences } from "../locales/en.js";
import { createLanguages } from "../locales/lookup.js";
import { yieldToEventLoop } from "../runtime/event-loop.js";
import type { Deliver, Message, NetworkProbe } from "../types.js";
import { dryRunOf } from "./email/dry-run.js";
import {
  type MailContent,
  type MailTemplate,
  type MailTemplates,
  standardTemplates,
} from "./email/templates.js";
import { type Mail, type MailAddress, type MailTransport, mailAddress, relayHeaders } from "./mail.js";

export type { MailContent, MailTemplate, MailTemplates } from "./email/templates.js";

export interface EmailOptions<U> {
  /** nodemailer's transporter, `httpMailer(…)`, or any object with a `sendMail` of that shape. */
  readonly transport: MailTransport;
  /** `"Example <no-reply@example.com>"`, or `{ name, address }`. The envelope's sender, too. */
  readonly from: string | MailAddress;
  /** Default: the name in `from`, or its domain. */
  readonly appName?: string;
  /** Where readers can ask: a mail address or an https address. Default: none. */
  readonly support?: string;
  /** Where answers go. Default: to `from`. */
  readonly replyTo?: string | MailAddress;
  /**
   * How to greet an account. Names that read like a message (links, numbers, more than 64 characters) are
   * left out. Default: no name.
   */
  readonly nameOf?: (user: U) => string | undefined;
  /** Templates of your own, by kind of message or by the name given to `issueFor`. */
  readonly templates?: Partial<MailTemplates<U>> & Readonly<Record<string, MailTemplate<any>>>;
  /**
   * Languages beside English and German, such as `[fr, ar]`: imported from `resetkit/locales/…`, or your own. One with
   * the tag of a language that is already there takes its place. The language of a message is `users.localeOf`, or
   * else the one in which the reset was requested.
   *
   * @default []
   */
  readonly locales?: readonly Sentences[];
  /** In which times are told. Default `"UTC"`. */
  readonly timeZone?: string;
  /** Milliseconds since 1970, for "within 24 hours". Default: `Date.now`. */
  readonly clock?: () => number;
  /**
   * Whether to send to addresses with a dot before the `@`, or with two dots in a row. Some carriers in Japan issued
   * such addresses; most mail servers refuse them.
   *
   * @default false
   */
  readonly allowIrregularDots?: boolean;
}

/** `Deliver`, with a dry run that builds the mail as far as the transport can without sending it. */
export interface EmailDeliver<U> extends Deliver<U> {
  /** Renders and builds the email without sending it. */
  dryRun(message: Message<U>): Promise<void>;
}

/**
 * Delivers messages as mails with a text and an HTML part, in the reader's language.
 *
 * The recipient is always the stored address: one, checked, handed over as an object and as the explicit
 * envelope, so that no parser decides who gets a link (CVE-2025-13033). Rejects where the stored address is
 * not of the plain kind that `isAddress` knows (no quotes, no comments), which is final, and if the transport rejects;
 * then the engine tries again. The limit: that a server accepted a mail does not mean that it arrives.
 *
 * @example deliver: byEmail({ transport: createTransport(process.env.SMTP_URL), from: "Example <no-reply@example.com>" })
 */
export function byEmail<U = any>(options: EmailOptions<U>): EmailDeliver<U> {
  assertKnownKeys(options, known, "byEmail");
  const { transport } = options;
  assertFunction(
    transport?.sendMail,
    "byEmail's transport.sendMail",
    "pass nodemailer's createTransport(…), or httpMailer(…)",
  );
  const from = mailAddress(options.from, "byEmail's from");
  const replyTo =
    options.replyTo === undefined ? {} : { replyTo: mailAddress(options.replyTo, "byEmail's replyTo") };
  const templateOf = templates(options, from);
  const languages = createLanguages(options.locales, "byEmail()");
  const buildOnly = dryRunOf(transport);

  const compose = async (message: Message<U>, to: string): Promise<Mail> => {
    const content = await templateOf(message)(message, languages.pick(message.locale));
    // The words are one half of the work, and the transport's message is the other: neither is done in one go with the rest.
    await yieldToEventLoop();
    return {
      from,
      to: { name: "", address: to },
      ...replyTo,
      ...partsOf(content, await content.html),
      headers: { ...headers },
      envelope: { from: from.address, to: [to] },
    };
  };

  const deliver = async (message: Message<U>) => {
    checkRecipient(message.address, options.allowIrregularDots === true);
    await transport.sendMail(await compose(message, message.address));
  };
  // Should a dry run ever be sent by mistake, it goes to the sender, and to no stranger. Where there is no
  // account there is no user: an empty one stands in, so that templates that name people get to their end.
  const dryRun = async (message: Message<U>) => {
    const user = "user" in message ? message.user : undefined;
    const standIn = { ...message, user: user ?? {} } as Message<U>;
    await buildOnly(await compose(standIn, from.address));
  };
  const check = async (network?: NetworkProbe) =>
    (await import("./email/check.js")).checkTransport(transport, network);
  return Object.assign(deliver, { dryRun, check });
}

/** Trying again can't help, and `code` says so to the engine: see `Deliver`. */
function checkRecipient(address: string, irregularDots: boolean): void {
  const at = address.lastIndexOf("@");
  const regular = address.slice(0, at).replace(/(?<=.)\.+(?=\.|$)/g, "") + address.slice(at);
  if (isAddress(irregularDots ? regular : address)) return;
  const fix = isAddress(regular)
    ? "It has a dot before the @, or two dots in a row, which many mail servers refuse. Correct it, or set byEmail({ allowIrregularDots: true })."
    : "Store a plain email address, such as name@example.com.";
  throw Object.assign(new Error(`The account's email address can't be sent to. ${fix}`), {
    code: "unusable_address",
  });
}

const known = [
  "allowIrregularDots",
  "transport",
  "from",
  "appName",
  "support",
  "replyTo",
  "nameOf",
  "templates",
  "locales",
  "timeZone",
  "clock",
] as const;

/** RFC 3834 §5 and its Microsoft cousin: no holiday replies, please. */
const headers: Readonly<Record<string, string>> = {
  "Auto-Submitted": "auto-generated",
  "X-Auto-Response-Suppress": "All",
  ...relayHeaders,
};

/** Checks what the templates are made of, and gives the one for a message. */
function templates<U>(
  options: EmailOptions<U>,
  from: MailAddress,
): (message: Message<U>) => MailTemplate<any> {
  const { support, timeZone = "UTC", clock = Date.now, nameOf = () => undefined } = options;
  const app = appName(options.appName, from);
  checkSupport(support);
  checkTimeZone(timeZone);
  assertFunction(clock, "byEmail's clock", "pass a function that returns milliseconds, or leave it out");
  assertFunction(nameOf, "byEmail's nameOf", "pass a function of the user, or leave it out");
  for (const [name, template] of Object.entries(options.templates ?? {})) {
    assertFunction(
      template,
      `byEmail's templates.${name}`,
      "pass a function that returns { subject, text, html }",
    );
  }
  const all = new Map<string, MailTemplate<any>>([
    ...Object.entries(standardTemplates<U>({ app, support, nameOf, timeZone, clock })),
    ...Object.entries(options.templates ?? {}),
  ]);

  return (message) => {
    const name = (message.kind === "reset" && message.template) || message.kind;
    const template = all.get(name);
    if (template) return template;
    throw new Error(
      `byEmail has no template "${name}". Pass it as templates: { ${JSON.stringify(name)}: (message) => … }.`,
    );
  };
}

function appName(given: unknown, from: MailAddress): string {
  const name = given ?? (from.name || from.address.slice(from.address.lastIndexOf("@") + 1));
  if (typeof name === "string" && name.trim() !== "" && name.length <= 100 && oneLine(name) === name)
    return name;
  throw new UsageError(
    "byEmail's appName can't be used in a subject. Use one line of at most 100 characters.",
  );
}

function checkSupport(support: unknown): void {
  if (support === undefined) return;
  if (
    typeof support === "string" &&
    (isAddress(support) || (support.startsWith("https://") && URL.canParse(support)))
  )
    return;
  throw new UsageError(
    'byEmail\'s support must be an email address or an https URL, such as "https://example.com/help".',
  );
}

function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw new UsageError(
      `byEmail's timeZone is ${JSON.stringify(timeZone)}, which isn't an IANA time zone. Use one such as "Europe/Berlin".`,
    );
  }
}

function partsOf({ subject, text }: MailContent, html: unknown): Pick<Mail, "subject" | "text" | "html"> {
  if (html !== undefined && typeof html !== "string" && !isHtml(html)) {
    throw new UsageError(
      `A template of byEmail returned html of type ${html === null ? "null" : typeof html}. Return a string, and await a renderer that returns a promise.`,
    );
  }
  if (typeof subject !== "string" || typeof text !== "string") {
    throw new UsageError("A template of byEmail must return { subject, text }, and may return html.");
  }
  return {
    subject: oneLine(subject),
    text: printable(text),
    ...(html === undefined ? {} : { html: printable(html) }),
  };
}

/** A header's value: nothing in it can begin a new line, or turn the reading direction. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, " ").trim();
}

/** A body without the control characters that mail may not carry (RFC 5321 §4.5.2, RFC 5322 §2.3). */
function printable(text: string | Html): string {
  return String(text).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "");
}
