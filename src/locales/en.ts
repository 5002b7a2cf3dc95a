import { attributeNames } from "./attribute-names.js";
import { inWords, type Units } from "./in-words.js";
import { plural } from "./plural.js";

/** English: every other language has the same keys. @module */
export const en = {
  tag: "en",
  /** Sentences of the API. The keys of `fields` are the codes of `ResetError.fields`. */
  api: {
    fields: {
      required: "This field is required.",
      blank: "This field can't be empty.",
      null: "This field can't be null.",
      not_text: "This field must be text.",
      invalid_address: "Enter a valid email address.",
      invalid_text: "Enter a valid value.",
      invisible_character: "This contains an invisible character. Clear the field and type it again.",
      null_character: "This field can't contain null characters.",
      not_well_formed: "This field contains an invalid character. Send well-formed Unicode.",
      too_long: "This is too long.",
    },
    not_an_object: (kind: string) => `Send a JSON object with the fields as properties, not a JSON ${kind}.`,
    no_data: "Send an object with the fields as properties.",
    malformed_body: {
      encoding: "The request body doesn't match its character encoding, or starts with a byte order mark.",
      json: "The request body isn't valid JSON.",
      form: "The request body isn't a valid form.",
    },
    unsupported_media_type: (type: string) =>
      `Content type "${type}" isn't supported. Send JSON or a form, encoded as UTF-8.`,
    method_not_allowed: (method: string) => `The ${method} method isn't allowed here.`,
    not_acceptable: "Responses are available as application/json or application/problem+json.",
    body_too_large: "The request is too large.",
    body_timeout: "The request took too long to arrive. Try again.",
    invalid_token: "This link or code is invalid or has expired. Request a new one.",
    unknown_account: "We couldn't find an account that matches what you entered.",
    second_factor: "Enter the code from your authenticator app.",
    cross_site: "This form was sent from another site. Send JSON, or ask the site's owner to allow it.",
    vetoed: "We can't reset this password right now. Try again later, or contact support.",
    throttled: (seconds: number) => `Too many requests. Try again in ${inWords(seconds, { tag: "en" })}.`,
    unavailable: "We couldn't complete that right now. Nothing was lost, so try again in a moment.",
    unsupported: "This kind of token doesn't support that.",
    not_found: "There's nothing at this address.",
    internal: "Something went wrong on our end. Try again in a moment.",
  },
  /** Why a password was rejected, by problem code. */
  problems: {
    too_short: ({ min }: { min: number }) => `Use at least ${characters(min)}.`,
    too_long: ({ max, unit }: { max: number; unit?: string }) =>
      unit === "bytes"
        ? `Use at most ${bytes(max)}. Accented letters and emoji take several.`
        : `Use at most ${characters(max)}.`,
    not_well_formed: () => "Your password contains an invalid character. Type it again.",
    too_common: () => "This password is too common. Choose one that's harder to guess.",
    too_weak: () => "This password is easy to guess. Add another word or two.",
    breached: () => "This password appeared in a data breach. Choose another one.",
    unchecked: () => "We couldn't check this password. Try again in a moment.",
    entirely_numeric: () => "Add a letter or symbol. Numbers alone are easy to guess.",
    too_similar: ({ attribute }: { attribute: string }) =>
      `This is too similar to your ${nameOf(attribute)}.`,
  },
  /** The emails that `byEmail` sends. `app` is the name of the application. */
  email: {
    greeting: (name: string | undefined) => (name === undefined ? "Hi there," : `Hi ${name},`),
    reset: {
      subject: ({ app }: { app: string }) => `Reset your ${app} password`,
      intro: ({ app }: { app: string }) =>
        `We received a request to reset the password for your ${app} account.`,
      /** The line that inboxes show after the subject. */
      preview: ({ time }: { time: string }) => `Choose a new password. The link expires in ${time}.`,
      action: "Reset password",
      notYou: "If you didn't request this, you can ignore this email. Your password won't change.",
    },
    /** For `issueFor(user, { template: "invitation" })`. */
    invitation: {
      subject: ({ app }: { app: string }) => `Your ${app} account is ready`,
      intro: ({ app }: { app: string }) =>
        `An account was created for you at ${app}. Choose a password to start using it.`,
      action: "Choose a password",
      notYou: "If you weren't expecting this, you can ignore this email.",
    },
    /** `time` is a length of time in words, such as "24 hours". */
    expiry: ({ time }: { time: string }) => `This link works once and expires in ${time}.`,
    openLink: "Open this link to continue:",
    copyLink: "If the button doesn't work, copy this link into your browser:",
    code: ({ time }: { time: string }) =>
      `Or enter this code on the page where you requested the reset. It expires in ${time}:`,
    changed: {
      subject: ({ app }: { app: string }) => `Your ${app} password was changed`,
      intro: ({ app }: { app: string }) => `The password for your ${app} account was changed.`,
      when: "When",
      /** Browser and operating system that sent the change, such as "Firefox (Windows)". */
      device: "Device",
      /** The network it came from, such as "203.0.113.x". */
      network: "Network",
      wasYou: "If this was you, there's nothing else to do.",
      notYou:
        "If this wasn't you, someone may have access to your account or your email. Change your email password first, then request a password reset from our sign-in page.",
    },
    unknown: {
      subject: ({ app }: { app: string }) => `Your ${app} password reset request`,
      intro: ({ app }: { app: string }) =>
        `Someone requested a password reset at ${app} for this email address, but we couldn't find an account whose password can be reset.`,
      wasYou: "If this was you, try the email address you signed up with.",
      notYou: "If this wasn't you, you can ignore this email. Nothing was changed.",
    },
    /** The account exists, but its password can't be reset. */
    ineligible: {
      subject: ({ app }: { app: string }) => `Your ${app} password reset request`,
      intro: ({ app }: { app: string }) => `Someone requested a password reset for your ${app} account.`,
      no_password: "Your account doesn't use a password. Sign in the way you usually do.",
      closed: "Your account is closed, so its password can't be reset.",
      other: "We can't reset the password of this account by email.",
      notYou: "If this wasn't you, you can ignore this email. Nothing was changed.",
    },
    support: "Questions? Contact us:",
    automatic: ({ app }: { app: string }) => `This is an automated message from ${app}.`,
  },
  /** The HTML pages. `address` is false if accounts are identified by a username or a phone number. */
  pages: {
    /** Before the title of a page that shows a form again. */
    error: "Error",
    /** `wait` is a length of time, such as "5 minutes". */
    tryAgainIn: (wait: string) => `Try again in ${wait}.`,
    form: {
      address: "Email",
      name: "Username",
      blankAddress: "Enter your email address.",
      blankName: "Enter your username.",
      backToLogin: "Back to sign in",
    },
    ask: {
      title: "Forgot your password?",
      text: (address: boolean) =>
        `Enter the ${address ? "email address" : "username"} for your account, and we'll send you a link to reset your password.`,
      send: "Send reset link",
    },
    sent: {
      title: "Check your inbox",
      text: "If an account matches what you entered, a reset link is on its way. It works once and expires soon.",
      help: "Nothing after a few minutes? Check your spam folder, or try the email address or username you signed up with.",
      again: "Request another link",
      enterCode: "Enter the code instead",
    },
    code: {
      title: "Enter your code",
      text: "Enter the code from the message we sent you. It expires after a few minutes.",
      code: "Code",
      blankCode: "Enter the code.",
      wrong: "This code is incorrect or has expired. The link in the same message may still work.",
      goOn: "Continue",
      again: "Request a new code",
    },
    choose: {
      title: "Choose a new password",
      account: "Account",
      password: "New password",
      rule: ({ min }: { min: number }) => `At least ${characters(min)}.`,
      hint: "A few unrelated words make a strong password that's easy to remember.",
      secondFactor: "Code from your authenticator app",
      secondFactorWrong: "Enter the current code from your app.",
      repeat: "Confirm new password",
      blankPassword: "Enter a new password.",
      different: "The passwords don't match. Enter them again.",
      save: "Save password",
    },
    done: {
      title: "Your password is saved",
      text: "You can use it to sign in now. Reset links we sent you earlier no longer work.",
      signedOut: "For your security, we signed you out on all devices.",
      login: "Sign in",
    },
    over: {
      title: "This link no longer works",
      text: "Reset links expire, and each one works only once. Part of the link may also be missing.",
      help: "If you just got the message, open its link again. Otherwise, request a new one.",
      again: "Request a new link",
    },
    stale: {
      title: "This page has expired",
      text: "Nothing was changed. Open the page again to continue. If this keeps happening, allow cookies for this site.",
      again: "Open the page again",
    },
    noCookies: {
      title: "Turn on cookies to continue",
      text: "Your browser or app blocks cookies for this site. Allow them, or open the link in another browser.",
    },
    throttled: {
      title: "Too many requests",
      text: "We received too many requests from your network. If you already requested a link, check your inbox and spam folder: the latest one works until it expires.",
    },
    unavailable: { title: "Temporarily unavailable" },
    refused: {
      title: "Something went wrong",
      text: "We couldn't read what was sent. Go back and try again.",
    },
  },
};

const characters = plural("en", { one: "# character", other: "# characters" });
const bytes = plural("en", { one: "# byte", other: "# bytes" });

const nameOf = attributeNames({
  username: "username",
  name: "name",
  firstName: "first name",
  lastName: "last name",
  email: "email address",
});

/**
 * A language: every sentence that a client or a reader of an email sees. The compiler names a missing one.
 *
 * @example const eo: Sentences = { ...en, tag: "eo", pages: { ...en.pages, error: "Eraro" } };
 */
export type Sentences = typeof en & {
  /** For languages that are written from right to left. */
  readonly direction?: "rtl";
  /** Words for lengths of time, if those of `Intl.NumberFormat` don't fit the sentences: in another case, say. */
  readonly units?: Units;
};
