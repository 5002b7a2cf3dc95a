/**
 * Checks of what a developer passes in. Every message names the option and ends with the fix.
 *
 * @module
 */

/** Shared by every copy of this file: a bundler may include several, each with its own class. */
const mark = Symbol.for("resetkit.UsageError");

/**
 * A developer's mistake: a wrong option, or a callback that breaks its contract. It reaches the caller unchanged. Any
 * other `TypeError` may be an outage: a failed `fetch` rejects with one, and so do drivers.
 */
export class UsageError extends TypeError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, mark, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && mark in value;
  }
}

/** Runs checks and collects what they throw, so that all problems of a configuration are reported at once. */
export function collectFaults(where: string): {
  /** The result, or `undefined` if the check failed. Don't use it before `throwAll`. */
  check<T>(work: () => T): T;
  throwAll(): void;
} {
  const faults: UsageError[] = [];
  return {
    check<T>(work: () => T): T {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        faults.push(error);
        return undefined as T;
      }
    },
    throwAll() {
      const [first] = faults;
      if (!first) return;
      if (faults.length === 1) throw first;
      const list = faults.map(({ message }) => `- ${message}`).join("\n");
      throw new UsageError(`${where} has ${faults.length} problems:\n${list}`);
    },
  };
}

/**
 * Accepts a list of names only if it names every property of `Options` and nothing else. Without it, an option that was
 * added to a type but not to the list would be rejected at run time. Not checked: options of type `unknown`, and lists
 * built at run time.
 */
type NamesOf<Options, Name> = [KeyOf<Options>] extends [never]
  ? unknown
  : string extends Name
    ? unknown
    : [Exclude<KeyOf<Options>, Name>] extends [never]
      ? [Exclude<Name, KeyOf<Options>>] extends [never]
        ? unknown
        : { readonly isNoOption: Exclude<Name, KeyOf<Options>> }
      : { readonly isMissing: Exclude<KeyOf<Options>, Name> };

/** The keys of each member of a union. */
type KeyOf<Options> = Options extends unknown ? keyof Options : never;

/**
 * Throws if `given` isn't a plain object, or has a key that `known` doesn't list. `moved` maps a removed name to its
 * replacement. The compiler checks `known` against the type of `given`.
 */
export function assertKnownKeys<Options, const Name extends string>(
  given: Options,
  known: readonly Name[] & NamesOf<Options, Name>,
  where: string,
  moved: Readonly<Record<string, string>> = {},
): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UsageError(`${where} takes an options object: pass { ${known.slice(0, 3).join(", ")}, … }.`);
  }
  for (const key of Object.keys(given)) {
    if (known.includes(key as Name)) continue;
    if (Object.hasOwn(moved, key)) {
      throw new UsageError(`${where} no longer has an option "${key}". Use ${moved[key]}.`);
    }
    const near = known.find((name) => name.toLowerCase() === key.toLowerCase() || isMistyped(name, key));
    throw new UsageError(
      `${where} has no option "${key}". ${near ? `Did you mean "${near}"?` : `Remove it, or use one of ${known.join(", ")}.`}`,
    );
  }
}

/** Throws if a value isn't an integer within the limits. */
export function assertInteger(
  value: unknown,
  option: string,
  min: number,
  max: number,
): asserts value is number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  throw new UsageError(`${option} is ${String(value)}. Pass an integer from ${min} to ${max}.`);
}

/** Throws if a required callback isn't a function. `fix` begins with a verb: "pass a function that …". */
export function assertFunction(value: unknown, option: string, fix: string): void {
  if (typeof value === "function") return;
  const state = value === undefined ? "is missing" : "must be a function";
  throw new UsageError(`${option} ${state}: ${fix}.`);
}

/** A typo: one letter too many, too few, or wrong, or two letters swapped. */
function isMistyped(name: string, key: string): boolean {
  const sorted = (text: string) => [...text].sort().join("");
  if (sorted(name) === sorted(key)) return true;
  if (Math.abs(name.length - key.length) > 1) return false;
  const shorter = Math.min(name.length, key.length);
  let start = 0;
  while (start < shorter && name[start] === key[start]) start++;
  let end = 0;
  while (end < shorter - start && name.at(-1 - end) === key.at(-1 - end)) end++;
  return Math.max(name.length, key.length) - start - end <= 1;
}
