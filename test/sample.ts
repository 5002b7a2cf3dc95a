/**
 * `npm test` must end within ten minutes on two processors, so of what repeats itself it takes a sample: one database of those that
 * a client speaks to, one keyboard of several. `npm run test:all` takes everything, and is what continuous integration runs.
 *
 * @module
 */

/** Whether everything runs. */
export const isWhole = process.env.RESETKIT_TESTS === "all";

/** The first ones, or all of them in a whole run. Always the same ones: no test depends on chance. */
export function sampleOf<T>(all: readonly T[], count: number): readonly T[] {
  return isWhole ? all : all.slice(0, count);
}
