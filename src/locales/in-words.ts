/** Each unit, its length in seconds, and the length of time from which the next one is used. */
const lengths = [
  ["second", 1, 60],
  ["minute", 60, 7_200],
  ["hour", 3_600, 259_200],
  ["day", 86_400, Infinity],
] as const;

/** How a language writes a number of each unit, in the grammatical case that its sentences need. */
export type Units = Readonly<Record<(typeof lengths)[number][0], (count: number) => string>>;

/**
 * Formats a length of time in a language: "45 seconds", "5 minutes", "24 hours".
 *
 * @param language - Its tag, and its own `units` if the words of `Intl.NumberFormat` don't fit its sentences.
 * @param round - Waits are rounded up, so that trying again after one works. Lifetimes are rounded down.
 */
export function inWords(
  seconds: number,
  { tag, units }: { readonly tag: string; readonly units?: Units },
  round: (count: number) => number = Math.ceil,
): string {
  const [unit, length] = lengths.find(([, , end]) => seconds < end) ?? lengths[3];
  const count = round(seconds / length);
  if (units) return units[unit](count);
  return new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" }).format(count);
}
