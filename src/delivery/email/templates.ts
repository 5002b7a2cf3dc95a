/**
 * The text of resetkit's emails, in every language of `locales/`.
 *
 * Emails quote nothing from a request or an account except the name that `nameOf` returns for the greeting.
 *
 * @module
 */
import type { Html } from "../../html.js";
import type { Sentences } from "../../locales/en.js";
import { inWords } from "../../locales/in-words.js";
import type {
  Awaitable,
  ChangedMessage,
  IneligibleMessage,
  ResetMessage,
  UnknownMessage,
} from "../../types.js";
import { deviceOf, networkOf } from "./device.js";
import { type Block, type MailPage, renderHtml, renderText } from "./layout.js";

/** What a template returns. Without `html`, the email has only a text part. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html?: string | Html | undefined;
}

/** Turns a message into an email, in the reader's language or in its own words. */
export type MailTemplate<M> = (message: M, sentences: Sentences) => Awaitable<MailContent>;

/** A template for each kind of message, and for each `template` that is passed to `issueFor`. */
export interface MailTemplates<U> {
  readonly reset: MailTemplate<ResetMessage<U>>;
  readonly invitation: MailTemplate<ResetMessage<U>>;
  readonly changed: MailTemplate<ChangedMessage<U>>;
  readonly unknown: MailTemplate<UnknownMessage>;
  readonly ineligible: MailTemplate<IneligibleMessage<U>>;
}

export interface TemplateSettings<U> {
  readonly app: string;
  /** An email address or an https URL. */
  readonly support: string | undefined;
  readonly nameOf: (user: U) => string | undefined;
  readonly timeZone: string;
  readonly clock: () => number;
}

/** The templates that `byEmail` starts with. */
export function standardTemplates<U>(settings: TemplateSettings<U>): MailTemplates<U> {
  const { app, support, timeZone, clock } = settings;

  const greet = (user: U, { email }: Sentences) => email.greeting(greetable(settings.nameOf(user)));
  const content = (page: Letter, { tag, direction, email }: Sentences) => {
    const { title, greeting, intro, preview = `${greeting} ${intro}` } = page;
    const contact: Block[] = support ? [{ kind: "contact", intro: email.support, contact: support }] : [];
    const blocks = [paragraph(greeting), paragraph(intro), ...page.blocks, ...contact];
    return render({ tag, direction, app, title, preview, blocks, footer: email.automatic({ app }) });
  };
  const withLink =
    (kind: "reset" | "invitation"): MailTemplate<ResetMessage<U>> =>
    (message, sentences) => {
      const { email } = sentences;
      const words = email[kind];
      const time = lifetimeInWords(message.expiresAt.getTime() - clock(), sentences);
      const { url } = message;
      const page: Letter = {
        title: words.subject({ app }),
        preview: "preview" in words ? words.preview({ time }) : undefined,
        greeting: greet(message.user, sentences),
        intro: words.intro({ app }),
        blocks: [
          { kind: "button", url, action: words.action, open: email.openLink },
          // Near the top, since a code is read from one screen and typed on another.
          ...codeOf(message, sentences),
          paragraph(email.expiry({ time })),
          { kind: "copy", url, intro: email.copyLink },
          paragraph(words.notYou),
        ],
      };
      return content(page, sentences);
    };

  const codeOf = ({ code, codeExpiresAt, expiresAt }: ResetMessage<U>, sentences: Sentences): Block[] => {
    if (!code) return [];
    const time = lifetimeInWords((codeExpiresAt ?? expiresAt).getTime() - clock(), sentences);
    return [{ kind: "code", intro: sentences.email.code({ time }), code }];
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
      const page: Letter = {
        title: words.subject({ app }),
        greeting: greet(user, sentences),
        intro: words.intro({ app }),
        blocks: [
          { kind: "facts", facts: known.filter((fact): fact is [string, string] => fact[1] !== undefined) },
          paragraph(words.wasYou),
          paragraph(words.notYou),
        ],
      };
      return content(page, sentences);
    },
    ineligible({ user, reason }, sentences) {
      const words = sentences.email.ineligible;
      const page: Letter = {
        title: words.subject({ app }),
        greeting: greet(user, sentences),
        intro: words.intro({ app }),
        blocks: [paragraph(words[reason ?? "other"]), paragraph(words.notYou)],
      };
      return content(page, sentences);
    },
    unknown(_message, sentences) {
      const { greeting, unknown: words } = sentences.email;
      const page: Letter = {
        title: words.subject({ app }),
        greeting: greeting(undefined),
        intro: words.intro({ app }),
        blocks: [paragraph(words.wasYou), paragraph(words.notYou)],
      };
      return content(page, sentences);
    },
  };
}

/** The part of an email that differs between kinds. The contact and the footer follow in all of them. */
interface Letter {
  readonly title: string;
  /** The line that inboxes show after the subject. Default: the beginning of the email. */
  readonly preview?: string | undefined;
  readonly greeting: string;
  readonly intro: string;
  readonly blocks: readonly Block[];
}

function render(page: MailPage): MailContent {
  return { subject: page.title, text: renderText(page), html: renderHtml(page) };
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}

/**
 * Returns a name that is safe to greet with, or `undefined`. Attackers choose names, and one that reads like a
 * message ("Call evil.example now") would speak in the app's voice (compare CVE-2023-27474).
 */
function greetable(name: unknown): string | undefined {
  if (typeof name !== "string" || name.length > 64) return undefined;
  const clean = name.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\s]+/gu, " ").trim();
  return isName(clean) ? clean : undefined;
}

/**
 * Anyone can sign up with a name that reads like a message from the site, such as "Account blocked, call 0800 1234". So a
 * greeting contains no URL, no phone number, and no sentence: no punctuation, and few lowercase words.
 */
function isName(text: string): boolean {
  if (!/^[\p{L}\p{M}\p{Nd}'\u2019. -]+$/u.test(text) || /\.\p{L}{2}| -|- /u.test(text)) return false;
  if ((text.match(/\p{Nd}/gu) ?? []).length > 2) return false;
  const words = text.split(" ");
  const capitals = words.filter((word) => !/^\p{Ll}/u.test(word)).length;
  return words.length <= 3 || (words.length <= 6 && capitals >= words.length / 2);
}

/** In whole minutes or larger units, rounded down. Half a minute is added for the time it took to create the email. */
function lifetimeInWords(milliseconds: number, language: Sentences): string {
  const minutes = Math.max(1, Math.floor((milliseconds + 30_000) / 60_000));
  return inWords(60 * minutes, language, Math.floor);
}

/** "November 23, 2026 at 04:05 UTC". */
function moment(date: Date, tag: string, timeZone: string): string {
  const day = { year: "numeric", month: "long", day: "numeric" } as const;
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" } as const;
  return new Intl.DateTimeFormat(tag, { ...day, ...time, timeZone }).format(date);
}
