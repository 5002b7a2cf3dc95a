/**
 * What the mails of resetkit say, in any language that `locales/` has.
 *
 * Nothing of a request or an account is quoted but what is asked for by name: the greeting (`nameOf`).
 *
 * @module
 */
import type { Html } from "../../html.js";
import type { Sentences } from "../../locales/en.js";
import type { Awaitable, ChangedMessage, ResetMessage, UnknownMessage } from "../../types.js";
import { deviceOf, networkOf } from "./device.js";
import { type Block, type MailPage, renderHtml, renderText } from "./layout.js";

/** What a template gives. Without `html` the mail has a text part alone. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html?: string | Html | undefined;
}

/** Makes a mail of a message, in the words of its reader's language or in its own. */
export type MailTemplate<M> = (message: M, sentences: Sentences) => Awaitable<MailContent>;

/** A template per kind of message, and one for each name that `issueFor` is called with. */
export interface MailTemplates<U> {
  readonly reset: MailTemplate<ResetMessage<U>>;
  readonly invitation: MailTemplate<ResetMessage<U>>;
  readonly changed: MailTemplate<ChangedMessage<U>>;
  readonly unknown: MailTemplate<UnknownMessage>;
}

export interface TemplateSettings<U> {
  readonly app: string;
  /** A mail address or an https address. */
  readonly support: string | undefined;
  readonly nameOf: (user: U) => string | undefined;
  readonly timeZone: string;
  readonly clock: () => number;
}

/** The templates that `byEmail` starts with. */
export function standardTemplates<U>(settings: TemplateSettings<U>): MailTemplates<U> {
  const { app, support, timeZone, clock } = settings;

  const greet = (user: U, { email }: Sentences) =>
    paragraph(email.greeting(greetable(settings.nameOf(user))));
  const content = (title: string, { tag, email }: Sentences, blocks: readonly Block[]) => {
    const contact: Block[] = support ? [{ kind: "contact", intro: email.support, contact: support }] : [];
    const page = { tag, app, title, blocks: [...blocks, ...contact], footer: email.automatic({ app }) };
    return render(page);
  };
  const withLink =
    (kind: "reset" | "invitation"): MailTemplate<ResetMessage<U>> =>
    (message, sentences) => {
      const { email, tag } = sentences;
      const words = email[kind];
      const time = inWords(message.expiresAt.getTime() - clock(), tag);
      return content(words.subject({ app }), sentences, [
        greet(message.user, sentences),
        paragraph(words.intro({ app })),
        { kind: "link", url: message.url, action: words.action, open: email.openLink, copy: email.copyLink },
        paragraph(email.expiry({ time })),
        ...codeOf(message, sentences),
        paragraph(words.notYou),
      ]);
    };

  const codeOf = (
    { code, codeExpiresAt, expiresAt }: ResetMessage<U>,
    { tag, email }: Sentences,
  ): Block[] => {
    if (!code) return [];
    const time = inWords((codeExpiresAt ?? expiresAt).getTime() - clock(), tag);
    return [{ kind: "code", intro: email.code({ time }), code }];
  };

  return {
    reset: withLink("reset"),
    invitation: withLink("invitation"),
    changed({ user, changedAt, request }, sentences) {
      const { email, tag } = sentences;
      const words = email.changed;
      const known: [string, string | undefined][] = [
        [words.when, moment(changedAt, tag, timeZone)],
        [words.device, deviceOf(request.userAgent)],
        [words.network, networkOf(request.ip)],
      ];
      return content(words.subject({ app }), sentences, [
        greet(user, sentences),
        paragraph(words.intro({ app })),
        { kind: "facts", facts: known.filter((fact): fact is [string, string] => fact[1] !== undefined) },
        paragraph(words.wasYou),
        paragraph(words.notYou),
      ]);
    },
    unknown(_message, sentences) {
      const { email } = sentences;
      return content(email.unknown.subject({ app }), sentences, [
        paragraph(email.greeting(undefined)),
        paragraph(email.unknown.intro({ app })),
        paragraph(email.unknown.wasYou),
        paragraph(email.unknown.notYou),
      ]);
    },
  };
}

function render(page: MailPage): MailContent {
  return { subject: page.title, text: renderText(page), html: renderHtml(page) };
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}

/**
 * A name to greet with, or nothing: names are chosen by strangers, and one that reads like a message
 * ("Call evil.example now") would speak with the site's voice (compare CVE-2023-27474).
 */
function greetable(name: unknown): string | undefined {
  if (typeof name !== "string" || name.length > 64) return undefined;
  const clean = name.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\s]+/gu, " ").trim();
  return clean === "" || /[:/@\\<>]|\.\p{L}{2}|\p{Nd}{5}/u.test(clean) ? undefined : clean;
}

/** "24 hours", never longer than it is; half a minute is the time that making the mail may have taken. */
function inWords(length: number, tag: string): string {
  const minutes = Math.max(1, Math.floor((length + 30_000) / 60_000));
  const [count, unit] =
    minutes < 120
      ? [minutes, "minute"]
      : minutes < 72 * 60
        ? [Math.floor(minutes / 60), "hour"]
        : [Math.floor(minutes / 1_440), "day"];
  return new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

/** "November 23, 2026 at 04:05 UTC". */
function moment(date: Date, tag: string, timeZone: string): string {
  const day = { year: "numeric", month: "long", day: "numeric" } as const;
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" } as const;
  return new Intl.DateTimeFormat(tag, { ...day, ...time, timeZone }).format(date);
}
