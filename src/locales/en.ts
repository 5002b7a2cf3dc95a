/** English: the language that every other file is measured by. @module */
export const en = {
  tag: "en",
  /** Sentences of the API. Keys of `fields` are the codes of `ResetError.fields`. */
  api: {
    fields: {
      required: "This field is required.",
      blank: "This field must not be empty.",
      null: "This field must not be null.",
      not_text: "This must be text.",
      invalid_address: "Enter a valid e-mail address.",
      invalid_text: "Enter a valid value.",
      null_character: "This must not contain null characters.",
      not_well_formed: "This contains half a character; send well-formed Unicode.",
      too_long: "This is too long.",
    },
    not_an_object: (kind: string) => `Send an object with the fields as its members, not a JSON ${kind}.`,
    no_data: "Send an object with the fields as its members.",
    malformed_body: {
      encoding: "The body is not text in the character set that its type names, or starts with a mark.",
      json: "The body is not valid JSON.",
      form: "The body is not a valid form.",
    },
    unsupported_media_type: (type: string) =>
      `Bodies of type "${type}" are not read here. Send JSON or a form, in UTF-8.`,
    method_not_allowed: (method: string) => `The method "${method}" is not allowed here.`,
    not_acceptable: "The answer can be given as application/json or application/problem+json.",
    body_too_large: "The body is too large.",
    body_timeout: "The body took too long to arrive.",
    invalid_token: "This link or code is not valid any more. Ask for a new one.",
    unknown_account: "There is no account with this address that could be reset.",
    vetoed: "The password cannot be reset right now.",
    throttled: (seconds: number) =>
      `Too many requests. Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`,
    unavailable: "The service is busy. Nothing was lost; try again in a moment.",
    unsupported: "That cannot be done with these tokens.",
    not_found: "There is nothing here.",
    internal: "Something went wrong on our side. Try again in a moment.",
  },
  /** Why a password was refused, by problem code. */
  problems: {
    too_short: ({ min }: { min: number }) =>
      `This password is too short. It must have at least ${min} characters.`,
    too_long: ({ max, unit }: { max: number; unit?: string }) =>
      unit === "bytes"
        ? `This password is too long. It must have at most ${max} bytes; letters outside English take several.`
        : `This password is too long. It must have at most ${max} characters.`,
    not_well_formed: () => "This password contains half a character; type it again.",
    too_common: () => "This password is one of those that are tried first. Choose another.",
    entirely_numeric: () => "This password has only digits. Add something else.",
    too_similar: ({ attribute }: { attribute: string }) =>
      `This password is too similar to the ${nameOf(attribute)}.`,
  },
  /** The messages that `byEmail` sends. `app` is the name of the application. */
  email: {
    greeting: (name: string | undefined) => (name === undefined ? "Hello," : `Hello ${name},`),
    reset: {
      subject: ({ app }: { app: string }) => `Reset your password for ${app}`,
      intro: ({ app }: { app: string }) =>
        `Somebody, hopefully you, asked for a new password for your account at ${app}.`,
      action: "Choose a new password",
      notYou: "If it was not you, ignore this mail. Your password stays as it is.",
    },
    /** For `issueFor(user, { template: "invitation" })`. */
    invitation: {
      subject: ({ app }: { app: string }) => `Your account at ${app}`,
      intro: ({ app }: { app: string }) =>
        `An account at ${app} was made for you. Choose a password, and it is yours.`,
      action: "Choose a password",
      notYou: "If you do not know what this is about, ignore this mail.",
    },
    /** `time` is a length of time in words, such as "24 hours". */
    expiry: ({ time }: { time: string }) => `The link works once, within the next ${time}.`,
    openLink: "Open this link:",
    copyLink: "If the button does not work, copy this link into your browser:",
    code: ({ time }: { time: string }) =>
      `Or type this code on the page where you asked. It works for ${time}:`,
    changed: {
      subject: ({ app }: { app: string }) => `Your password for ${app} was changed`,
      intro: ({ app }: { app: string }) => `The password of your account at ${app} was changed.`,
      when: "When",
      /** Browser and system of whoever changed it, such as "Firefox (Windows)". */
      device: "Device",
      /** The network it came from, such as "203.0.113.x". */
      network: "Network",
      wasYou: "If it was you, there is nothing left to do.",
      notYou:
        "If it was not you, somebody else got into your account or your mailbox. Change the password of your mailbox first, then ask for a new one on our log-in page.",
    },
    unknown: {
      subject: ({ app }: { app: string }) => `No account at ${app}`,
      intro: ({ app }: { app: string }) =>
        `Somebody, hopefully you, asked for a new password at ${app} with this address. There is no account with it.`,
      wasYou: "If it was you, try again with another address of yours.",
      notYou: "If it was not you, ignore this mail. Nothing was changed, and nobody was told.",
    },
    support: "Questions? Ask us:",
    automatic: ({ app }: { app: string }) => `An automatic mail from ${app}.`,
  },
  /** The HTML pages. Where `address` is false, people type a user name or a phone number. */
  pages: {
    /** Before the title of a page that shows a form again. */
    error: "Error",
    /** `wait` is a length of time, such as "5 minutes". */
    tryAgainIn: (wait: string) => `Try again in ${wait}.`,
    form: {
      address: "E-mail address",
      name: "User name",
      blankAddress: "Enter your e-mail address.",
      blankName: "Enter your user name.",
      backToLogin: "Back to log in",
    },
    ask: {
      title: "Forgot your password?",
      text: (address: boolean) =>
        `Enter the ${address ? "e-mail address" : "user name"} of your account. We will send you a link with which you can choose a new password.`,
      send: "Send the link",
    },
    sent: {
      title: "Check your inbox",
      text: "If there is an account for what you entered, a message with a link is on its way to it. The link works once, and only for a while.",
      help: "Nothing there after a few minutes? Look into the spam folder, and make sure that you entered what you signed up with.",
      again: "Ask again",
      enterCode: "Enter the code from the message",
    },
    code: {
      title: "Enter the code",
      text: "Type the code from the message that we sent you. It is good for a few minutes.",
      code: "Code",
      blankCode: "Enter the code.",
      wrong: "This code is not right, or not valid any more. The link in the same message may still work.",
      goOn: "Continue",
    },
    choose: {
      title: "Choose a new password",
      account: "Account",
      password: "New password",
      hint: "Length is what counts: a few words that do not belong together make a good password.",
      repeat: "New password, once more",
      blankPassword: "Enter a new password.",
      different: "The two passwords are not the same. Type them once more.",
      save: "Save the new password",
    },
    done: {
      title: "Your password is changed",
      text: "From now on the new password is good, and the old one is not.",
      login: "Log in",
    },
    over: {
      title: "This link is not valid any more",
      text: "It was used already, or too much time has passed, or a part of it is missing. Nothing was changed.",
      help: "If the message is new, open its link once more. Else ask for another one.",
      again: "Ask for a new link",
    },
    stale: {
      title: "This form is out of date",
      text: "Nothing was changed. Open the form again and send it once more. Your browser must accept cookies for that.",
      again: "Open the form again",
    },
    throttled: { title: "Too many requests", text: "There were many from your internet address lately." },
    unavailable: { title: "Just a moment" },
    refused: { title: "That did not work", text: "What was sent here could not be read." },
  },
};

/** What a password can be similar to. Names that are not listed are shown as they are. */
const names: Readonly<Record<string, string>> = {
  username: "user name",
  name: "name",
  firstName: "first name",
  lastName: "last name",
  email: "e-mail address",
};

function nameOf(attribute: string): string {
  return Object.hasOwn(names, attribute) ? names[attribute]! : attribute;
}

/** What a language file must hold. The compiler names what is missing. */
export type Sentences = typeof en;
