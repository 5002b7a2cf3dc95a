/**
 * `npm test` takes a sample of what repeats itself: one database of those that a client supports, one keyboard of several. What shows
 * a promise of the library is never part of it. `npm run test:all` takes everything, and is what continuous integration runs.
 *
 * @module
 */

/** Whether everything runs. */
export const isWhole = process.env.RESETKIT_TESTS === "all";

/** The first ones, or all of them in a whole run. Always the same ones: no test depends on chance. */
export function sampleOf<T>(all: readonly T[], count: number): readonly T[] {
  return isWhole ? all : all.slice(0, count);
}
