/** Keeps the process from doing anything else for so many microseconds. */
export function spend(micros: number): void {
  const until = process.hrtime.bigint() + BigInt(Math.round(micros * 1_000));
  while (micros > 0 && process.hrtime.bigint() < until);
}
