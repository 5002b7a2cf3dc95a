import type { PasswordReset } from "resetkit/types";

/**
 * How a token is looked at: by the adapter; by a route that calls `validate` itself; by one that does not look;
 * and by one that calls `validate` and wastes ten microseconds, which the bench must find.
 */
export type Kind = "adapter" | "validate" | "nothing" | "planted";

/** Whether a token is good. */
export type Look = (token: string) => Promise<boolean>;

/** Milliseconds. */
export const plantedCost = 0.01;

/** Those of the routes by hand. */
export function looks(reset: PasswordReset): Readonly<Record<Exclude<Kind, "adapter">, Look>> {
  return {
    validate: (token) => reset.validate({ token }),
    nothing: async () => true,
    planted(token) {
      const until = performance.now() + plantedCost;
      while (performance.now() < until);
      return reset.validate({ token });
    },
  };
}
