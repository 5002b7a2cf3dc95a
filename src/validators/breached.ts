import { assertInteger, assertKnownKeys, UsageError } from "../check-options.js";
import { hex, utf8 } from "../crypto/encoding.js";
import { milliseconds } from "../duration.js";
import { en } from "../locales/en.js";
import type { Duration, Validator } from "../types.js";

export interface BreachedOptions {
  /**
   * How long the check may take, at most `"3s"`.
   *
   * @default "1s"
   */
  readonly timeout?: Duration;
  /**
   * What happens if the server can't be reached: the password is accepted, or rejected with a problem.
   *
   * @default "allow"
   */
  readonly onFailure?: "allow" | "reject";
  /**
   * How often a password must have been seen in breaches to be rejected.
   *
   * @default 1
   */
  readonly threshold?: number;
  /**
   * A server with the range API of Have I Been Pwned.
   *
   * @default "https://api.pwnedpasswords.com/range/"
   */
  readonly url?: string;
}

/**
 * Rejects passwords that are known from data breaches (NIST SP 800-63B-4 §3.1.1.2).
 *
 * The server gets the first five digits of the password's SHA-1 and never the password (k-anonymity); padding hides how
 * many passwords share them. It's asked once a token is proven valid, before the token is leased, so neither an outage
 * nor a slow server costs a token.
 */
export function breached(options: BreachedOptions = {}): Validator {
  assertKnownKeys(options, ["timeout", "onFailure", "threshold", "url"], "breached");
  const { onFailure = "allow", threshold = 1, url = "https://api.pwnedpasswords.com/range/" } = options;
  const timeout = milliseconds(options.timeout ?? "1s", "breached({ timeout })");
  if (timeout > 3_000)
    throw new UsageError(`breached({ timeout }) is ${timeout} ms. Set it to "3s" or less.`);
  if (onFailure !== "allow" && onFailure !== "reject") {
    throw new UsageError(`breached({ onFailure }) is ${JSON.stringify(onFailure)}. Use "allow" or "reject".`);
  }
  assertInteger(threshold, "breached's threshold", 1, 1e9);
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(
      `breached({ url }) is ${JSON.stringify(url)}, which isn't an absolute URL. Use one such as "https://api.pwnedpasswords.com/range/".`,
    );
  }

  return async (password) => {
    try {
      const seen = await timesSeen(password, url, timeout);
      return seen < threshold ? null : { code: "breached", message: en.problems.breached() };
    } catch {
      // The error may name the server and the prefix of the hash, which no one else should see.
      return onFailure === "allow" ? null : { code: "unchecked", message: en.problems.unchecked() };
    }
  };
}

async function timesSeen(password: string, url: string, timeout: number): Promise<number> {
  const digest = await crypto.subtle.digest("SHA-1", utf8(password) as Uint8Array<ArrayBuffer>);
  const hash = hex(new Uint8Array(digest)).toUpperCase();
  const response = await fetch(url.replace(/\/*$/, "/") + hash.slice(0, 5), {
    headers: { "add-padding": "true" },
    redirect: "error",
    signal: AbortSignal.timeout(timeout),
  });
  if (!response.ok) throw new Error(`The server responded with ${response.status}`);
  const range = (await textOf(response)).toUpperCase();
  // "SUFFIX:COUNT" in each line; lines of padding have the count 0. Any other page, such as a proxy's, isn't an answer
  // about passwords.
  if (!/^(?:[0-9A-F]{35}:\d{1,12}\s*)*$/.test(range)) throw new Error("The response isn't a range of hashes");
  return Number(new RegExp(`^${hash.slice(5)}:(\\d+)`, "m").exec(range)?.[1] ?? 0);
}

/** A range has about 50 kB. Anything longer isn't one, and isn't kept in memory. */
const maxRange = 1_000_000;

async function textOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  let text = "";
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return text;
    text += decoder.decode(value, { stream: true });
    if (text.length > maxRange) throw new Error("The response is too long");
  }
}
