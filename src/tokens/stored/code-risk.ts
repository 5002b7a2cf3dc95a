import type { Generator, StrategyContext } from "../../types.js";

/**
 * Says at start what codes risk: expected takeovers are guesses ÷ codes, however the guesses are spread.
 */
export function logGuessingRisk(
  { bits }: Generator,
  options: { readonly bound: boolean; readonly codeLifetime: number; readonly context: StrategyContext },
): void {
  const { log, lifetime, maxLive } = options.context;
  const space = 2 ** bits;
  const size = `${bits.toFixed(1)} bits (about ${Math.round(space).toLocaleString("en")} values)`;
  if (!options.bound) {
    const guesses = Math.round(space / 100).toLocaleString("en");
    const hours = lifetime === undefined ? "" : ` while they live (${lifetime / 3_600_000} h)`;
    log.warn(
      `storedTokens({ bound: false }) looks codes of ${size} up across all accounts: with 100 of them live, ` +
        `one in about ${guesses} guesses takes over some account${hours}. Throttle validate and confirm, or drop bound: false.`,
    );
    return;
  }
  if (options.codeLifetime > 600_000) {
    log.warn(`codeLifetime is above ten minutes, the most that NIST SP 800-63B-4 allows: set it to "10m".`);
  }
  const perMillion = (1e6 / space).toPrecision(2);
  const live =
    maxLive > 1 ? `, and up to ${maxLive} times as many at accounts with ${maxLive} live codes` : "";
  log.info(
    `Codes have ${size}, five tries each: ${perMillion} takeovers are to be expected per million guesses${live}.`,
  );
}
