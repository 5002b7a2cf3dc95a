import { UsageError } from "./check-options.js";
import type { Duration } from "./ports.js";

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Converts a duration such as `"90s"`, `"15m"`, `"1.5h"`, or `"7d"` to milliseconds. A number is already in
 * milliseconds.
 *
 * Throws a `TypeError` that names `option` unless the duration is positive and at most ten years.
 */
export function milliseconds(duration: Duration, option: string): number {
  const value = Math.round(typeof duration === "number" ? duration : parse(duration));
  if (value > 0 && value <= 3650 * units.d) return value;
  const shown = typeof duration === "string" ? JSON.stringify(duration) : String(duration);
  throw new UsageError(
    `${option} is ${shown}, which isn't a duration. Use a number and a unit, such as "15m", "24h", or "7d".`,
  );
}

function parse(text: unknown): number {
  const match = typeof text === "string" ? /^(\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m|h|d)$/.exec(text) : null;
  return match ? Number(match[1]) * units[match[2] as keyof typeof units] : Number.NaN;
}
