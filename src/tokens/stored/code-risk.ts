import type { Generator, StrategyContext } from "../../ports.js";

/** Logs at construction what codes risk: expected takeovers are guesses ÷ codes, however the guesses are spread. */
export function logGuessingRisk(
  { bits }: Generator,
  options: { readonly bound: boolean; readonly codeLifetime: number; readonly context: StrategyContext },
): void {
  const { log, lifetime, maxLive } = options.context;
  const space = 2 ** bits;
  const size = `${bits.toFixed(1)} bits (about ${Math.round(space).toLocaleString("en")} values)`;
  if (!options.bound) {
    const guesses = Math.round(space / 100).toLocaleString("en");
    const hours = lifetime === undefined ? "" : ` while they're valid (${lifetime / 3_600_000} h)`;
    log.warn(
      `storedTokens({ bound: false }) looks codes of ${size} up across all accounts. With 100 valid codes, ` +
        `one in about ${guesses} guesses takes over an account${hours}. Set throttles for validate and confirm, or remove bound: false.`,
    );
    return;
  }
  if (options.codeLifetime > 600_000) {
    log.warn(`codeLifetime is above 10 minutes, the most that NIST SP 800-63B-4 allows. Set it to "10m".`);
  }
  const perMillion = (1e6 / space).toPrecision(2);
  const live =
    maxLive > 1 ? `, and up to ${maxLive} times as many for accounts with ${maxLive} valid codes` : "";
  log.info(
    `Codes have ${size} and five attempts each: expect ${perMillion} takeovers per million guesses${live}.`,
  );
}
