/** One thing to look at. */
export interface Rendered {
  /** Below the folder, such as `en/email-link.html`. */
  readonly file: string;
  readonly title: string;
  readonly text: string;
}

export interface PreviewOptions {
  readonly locale: string;
  readonly appName: string;
  /** The option `locales` for languages that aren't built in. */
  readonly languages: object;
}
