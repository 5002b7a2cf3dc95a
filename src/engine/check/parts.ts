import type { Finding, ResetOptions } from "../../types.js";
import type { Accounts } from "../accounts.js";
import type { Intents } from "../intents.js";
import type { Settings } from "../settings.js";

/** What the checks read. */
export interface CheckParts<U> extends Omit<Settings<U>, "strategies"> {
  readonly accounts: Accounts<U>;
  readonly intents: Intents;
  readonly options: ResetOptions<U>;
  /** What handlers registered about themselves: see `createHandler`. */
  readonly handlers: readonly object[];
}

/** Splits a message that ends with its fix, as all of resetkit's errors do, into its two parts. */
export function splitFix(level: Finding["level"], message: string, fallback = "Fix what it names."): Finding {
  const text = message.trim();
  const pattern = /^(.*?)(?:: |\. )([^.:]*(?:[.:][^ ][^.:]*)*\.?)$/s;
  const [, what = text, fix = fallback] = pattern.exec(text) ?? [];
  return { level, what: ended(what), fix: ended(fix.charAt(0).toUpperCase() + fix.slice(1)) };
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
