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
    too_long: ({ max }: { max: number }) =>
      `This password is too long. It must have at most ${max} characters.`,
    not_well_formed: () => "This password contains half a character; type it again.",
    too_common: () => "This password is one of those that are tried first. Choose another.",
    entirely_numeric: () => "This password has only digits. Add something else.",
    too_similar: ({ attribute }: { attribute: string }) =>
      `This password is too similar to the ${attribute}.`,
  },
};

/** What a language file must hold. The compiler names what is missing. */
export type Sentences = typeof en;
