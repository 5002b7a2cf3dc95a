import { en } from "../locales/en.js";
import type { Validator } from "../types.js";

/**
 * Rejects passwords that have only digits, of any script: birthdays, phone numbers, and PINs are guessed first.
 *
 * Limit: with a space or a dash between the digits, they pass.
 */
export function numeric(): Validator {
  return (password) =>
    /^\p{Nd}+$/u.test(password)
      ? { code: "entirely_numeric", message: en.problems.entirely_numeric() }
      : null;
}
