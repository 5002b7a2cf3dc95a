/** An email that the inbox took in place of a mail server. */
export interface CapturedMail {
  /** Counts from 1. */
  readonly id: number;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The links of the text part. */
  readonly links: readonly string[];
  /** When it was taken, as ISO 8601. */
  readonly date: string;
}
