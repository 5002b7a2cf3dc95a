/** Each unit, its length in seconds, and the length of time from which the next one is used. */
const units = [
  ["second", 1, 60],
  ["minute", 60, 7_200],
  ["hour", 3_600, 259_200],
  ["day", 86_400, Infinity],
] as const;

/**
 * Formats a length of time in a language: "45 seconds", "5 minutes", "24 hours".
 *
 * @param round - Waits are rounded up, so that trying again after one works. Lifetimes are rounded down.
 */
export function inWords(seconds: number, tag: string, round: (count: number) => number = Math.ceil): string {
  const [unit, length] = units.find(([, , end]) => seconds < end) ?? units[3];
  const format = new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" });
  return format.format(round(seconds / length));
}
