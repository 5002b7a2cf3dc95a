/**
 * Delivery by email, through anything that has nodemailer's `sendMail`.
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

/** The options of `byEmail()`. `U` is your user. */
export interface EmailOptions<U> {
  /** nodemailer's transporter, `httpMailer(…)`, or any object with a `sendMail` of that shape. */
  readonly transport: MailTransport;
  /** The sender, in the header and the envelope: `"Example <no-reply@example.com>"`, or `{ name, address }`. */
  readonly from: string | MailAddress;
  /**
   * The name of your application in subjects and texts. One line of at most 100 characters.
   *
   * @default the name in `from`, otherwise its domain
   */
  readonly appName?: string;
  /** Where readers can get help: an email address or an https URL. Without it, emails name no contact. */
  readonly support?: string;
  /**
   * Where replies go.
   *
   * @default from
   */
  readonly replyTo?: string | MailAddress;
  /**
   * The name to greet a user with. A name that reads like a message (with a link, a phone number, or more than 64
   * characters) is left out. Without `nameOf`, greetings have no name.
   */
  readonly nameOf?: (user: U) => string | undefined;
  /** Your own templates, by kind of message or by the `template` that's passed to `issueFor`. */
  readonly templates?: Partial<MailTemplates<U>> & Readonly<Record<string, MailTemplate<any>>>;
  /**
   * Languages in addition to English and German, such as `[fr, ar]`: imported from `resetkit/locales/…`, or your own. A
   * language with the tag of a built-in one replaces it. The language of a message is the one that `users.localeOf`
   * returns, otherwise the one that the reset was requested in.
   *
   * @default []
   */
  readonly locales?: readonly Sentences[];
  /**
   * The IANA time zone for times in emails.
   *
   * @default "UTC"
   */
  readonly timeZone?: string;
  /**
   * The current time, in milliseconds since 1970, to compute "expires in 24 hours".
   *
   * @default Date.now
   */
  readonly clock?: () => number;
  /**
   * Whether to send to email addresses with a dot before the `@`, or with two dots in a row. Some Japanese carriers issued
   * such addresses; most mail servers reject them.
   *
   * @default false
   */
  readonly allowIrregularDots?: boolean;
}

/** `Deliver` with a dry run, which builds the email as far as the transport can without sending it. */
export interface EmailDeliver<U> extends Deliver<U> {
  /** Renders and builds the email without sending it. */
  dryRun(message: Message<U>): Promise<void>;
}

/**
 * Delivers messages as emails with a text part and an HTML part, in the reader's language.
 *
 * There's exactly one recipient: the stored email address. It's checked and passed as an object and in the envelope, so
 * that no parser decides who gets a link (CVE-2025-13033).
 *
 * `deliver` rejects if the stored email address isn't plain (it has quotes or comments), which is final. It also rejects if
 * the transport does, and then the engine retries. The limit: an email that the mail server accepted may still not arrive.
 *
 * @throws {TypeError} If an option is missing, unknown, or can't work.
 * @example
 * ```ts
 * const deliver = byEmail({
 *   transport: createTransport(process.env.SMTP_URL),
 *   from: "Example <no-reply@example.com>",
 * });
 * ```
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
    // Yield between rendering and building the MIME message, so that the two together don't block the event loop.
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
  // If a dry run were ever sent by mistake, it would go to the sender and not to a stranger. A decoy has no user, so it
  // gets an empty one: a template that reads the user's name must run to its end.
  const dryRun = async (message: Message<U>) => {
    const user = "user" in message ? message.user : undefined;
    const standIn = { ...message, user: user ?? {} } as Message<U>;
    await buildOnly(await compose(standIn, from.address));
  };
  const check = async (network?: NetworkProbe) =>
    (await import("./email/check.js")).checkTransport(transport, network);
  return Object.assign(deliver, { dryRun, check });
}

/** Retrying can't help. `code` tells the engine not to: see `Deliver`. */
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

/** Keeps auto-responders from replying: RFC 3834 §5, and Microsoft's equivalent. */
const headers: Readonly<Record<string, string>> = {
  "Auto-Submitted": "auto-generated",
  "X-Auto-Response-Suppress": "All",
  ...relayHeaders,
};

/** Checks the options for templates, and returns a function that selects the template for a message. */
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

/** A header's value, without characters that could begin a new line or change the reading direction. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, " ").trim();
}

/** A body without the control characters that emails must not contain (RFC 5321 §4.5.2, RFC 5322 §2.3). */
function printable(text: string | Html): string {
  return String(text).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "");
}
