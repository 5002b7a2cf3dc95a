import { assertFunction, UsageError } from "../check-options.js";
import { utf8 } from "../crypto/encoding.js";
import type { Problem, Validator } from "../types.js";
import { callback } from "./callbacks.js";

/** No password of more UTF-8 bytes is ever checked, so that no one can trigger a long password hash (CVE-2013-1443). */
const maxBytes = 1_024;

/** How long one validator may take, in milliseconds: it may ask a server that never responds. */
const validatorLimit = 4_000;

/** What's wrong with a password: all reasons, in the order of the validators; empty if it's accepted. */
export type Policy<U> = (
  password: string,
  context: {
    readonly user: U;
    readonly identifiers: readonly string[];
    readonly locale?: string | undefined;
  },
) => Promise<readonly Problem[]>;

/**
 * Runs every validator. The password reaches them, and later the hash, exactly as it was typed: never trimmed, folded,
 * or truncated (OWASP ASVS V6.2.8).
 */
export function createPolicy<U>(
  given: readonly Validator<U>[] | (() => Promise<readonly Validator<U>[]>),
): Policy<U> {
  if (typeof given !== "function") checkValidators(given);

  return async (password, context) => {
    if (password.length > maxBytes || utf8(password).length > maxBytes) {
      const message = `Use at most ${maxBytes} bytes. Accented letters and emoji take several.`;
      return [{ code: "too_long", params: { max: maxBytes, unit: "bytes" }, message }];
    }
    const problems: Problem[] = [];
    const validators = typeof given === "function" ? await given() : given;
    for (const [index, validator] of validators.entries()) {
      const found =
        (await callback(`validators[${index}]`, () => validator(password, context), {
          limit: validatorLimit,
          hidden: [password],
        })) ?? [];
      for (const problem of Array.isArray(found) ? found : [found]) {
        problems.push(typeof problem === "string" ? { code: "refused", message: problem } : problem);
      }
    }
    return problems;
  };
}

function checkValidators(validators: readonly Validator<any>[]): void {
  if (!Array.isArray(validators))
    throw new UsageError("validators must be an array. Pass [length(), common(), …] or [].");
  validators.forEach((validator, index) =>
    assertFunction(validator, `validators[${index}]`, "pass functions, such as length({ min: 8 })"),
  );
}
