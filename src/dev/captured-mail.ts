/** An email that the inbox captured. */
export interface CapturedMail {
  /** Counts from 1. */
  readonly id: number;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The links in the text part. */
  readonly links: readonly string[];
  /** When it was captured, in ISO 8601. */
  readonly date: string;
}
