import { UsageError } from "../../check-options.js";

/** How far a wall clock is ahead of UTC, in milliseconds, from a text such as `"+02:00"`. */
export function offsetOf(utcOffset = "+00:00", option: string): number {
  const match = /^([+-])(0\d|1[0-4]):([0-5]\d)$/.exec(utcOffset);
  if (!match) {
    throw new UsageError(
      `${option} is ${JSON.stringify(utcOffset)}. Use hours and minutes, such as "+02:00".`,
    );
  }
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === "-" ? -minutes : minutes) * 60_000;
}
