/**
 * Checks of what a developer passes in. Every sentence names the option and ends with the fix.
 *
 * @module
 */

/** Throws where `given` is not a plain object, or has a key that `known` does not list. */
export function assertKnownKeys(given: unknown, known: readonly string[], where: string): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(`${where} takes an object of options: pass { ${known.slice(0, 3).join(", ")}, … }.`);
  }
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const near = known.find((name) => name.toLowerCase() === key.toLowerCase() || isMistyped(name, key));
    throw new TypeError(
      `${where} does not know the option "${key}": ${near ? `write "${near}"` : `take it out, or use one of ${known.join(", ")}`}.`,
    );
  }
}

/** Throws where a value is not a whole number within the limits. */
export function assertInteger(value: unknown, option: string, min: number, max: number): void {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  throw new TypeError(`${option} is ${String(value)}: give a whole number from ${min} to ${max}.`);
}

/** Throws where a callback that must be there is no function. */
export function assertFunction(value: unknown, option: string, fix: string): void {
  if (typeof value === "function") return;
  throw new TypeError(`${option} is ${value === undefined ? "missing" : "no function"}: ${fix}.`);
}

/** One letter too many, too few or other, or two that changed places: a typing error. */
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
