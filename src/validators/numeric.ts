import { en } from "../locales/en.js";
import type { Validator } from "../types.js";

/**
 * Refuses passwords of digits alone, of any script: birthdays, phone numbers and PINs are guessed first.
 *
 * The limit: a blank or a dash between the digits makes them pass.
 */
export function numeric(): Validator {
  return (password) =>
    /^\p{Nd}+$/u.test(password)
      ? { code: "entirely_numeric", message: en.problems.entirely_numeric() }
      : null;
}
