import type { PasswordReset } from "resetkit/types";
import { spend } from "../spend.js";

/**
 * How a token is looked at: by the adapter; by a route that calls `validate` itself; by one that does not look;
 * and by one that calls `validate` and wastes ten microseconds, which the bench must find.
 */
export type Kind = "adapter" | "validate" | "nothing" | "planted";

/** Whether a token is good. */
export type Look = (token: string) => Promise<boolean>;

/** Microseconds. */
export const plantedCost = 10;

/** Those of the routes by hand. */
export function looks(reset: PasswordReset): Readonly<Record<Exclude<Kind, "adapter">, Look>> {
  return {
    validate: (token) => reset.validate({ token }),
    nothing: async () => true,
    planted(token) {
      spend(plantedCost);
      return reset.validate({ token });
    },
  };
}
