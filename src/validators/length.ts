import { assertKnownKeys, assertInteger } from "../check-options.js";
import { utf8 } from "../crypto/encoding.js";
import { en } from "../locales/en.js";
import type { Problem, Validator } from "../types.js";

export interface LengthOptions {
  /** Minimum number of characters. Default: 8. */
  readonly min?: number;
  /** Maximum number of characters. Default: 256. */
  readonly max?: number;
  /**
   * Maximum number of UTF-8 bytes. Default: 1,024. Use 72 if passwords are hashed with bcrypt, which ignores what comes
   * after.
   */
  readonly maxBytes?: number;
}

/**
 * Rejects passwords that are too short, or too long for how they're stored.
 *
 * A character is a code point, so an emoji is one and not two (NIST SP 800-63B §3.1.1.2). NIST and OWASP ASVS V6.2.1
 * require at least 8, and 15 if the password is the only factor. A `max` below 64 is an error, since both require that
 * many to be allowed. Limit: length says nothing about how soon a password is guessed.
 */
export function length(options: LengthOptions = {}): Validator {
  assertKnownKeys(options, ["min", "max", "maxBytes"], "length");
  const { min = 8, max = 256, maxBytes = 1_024 } = options;
  assertInteger(min, "length's min", 1, 64);
  assertInteger(max, "length's max", 64, 1_024);
  assertInteger(maxBytes, "length's maxBytes", 64, 1_024);

  const validate: Validator = (password) => {
    // A character is at most four bytes and at most two units of UTF-16, so this much is too long by any count.
    if (password.length > 2 * max) return tooLong(max);
    const characters = [...password].length;
    if (characters < min) return problem("too_short", { min }, en.problems.too_short({ min }));
    if (characters > max) return tooLong(max);
    return utf8(password).length > maxBytes ? tooLong(maxBytes, "bytes") : null;
  };
  return Object.assign(validate, { minLength: min });
}

function tooLong(max: number, unit = "characters"): Problem {
  return problem("too_long", { max, unit }, en.problems.too_long({ max, unit }));
}

function problem(code: string, params: Record<string, string | number>, message: string): Problem {
  return { code, params, message };
}
