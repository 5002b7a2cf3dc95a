/** One file of a preview. */
export interface Rendered {
  /** Its path below the folder, such as `en/email-link.html`. */
  readonly file: string;
  readonly title: string;
  readonly text: string;
}

export interface PreviewOptions {
  readonly locale: string;
  readonly appName: string;
  /** Contains the option `locales` if the language isn't built in. */
  readonly languages: object;
}
