/** An engine in which the check finds nothing. */
import type { ResetOptions } from "../../../src/types.js";
import { makeKit, people, type Person } from "../../kit.js";

/** A secret of no words, as `npx resetkit secret` makes one. */
export const randomSecret = "q2Xw8Vd0sLk3Jh7RtZ1yNb5McF4gPa6UeK9";
export const otherSecret = "Zr5Tb1Gy8Hn4Ju7Mk0Il3Op6Qa9Ws2Ed5Rf";

export const argon2 =
  "$argon2id$v=19$m=19456,t=2,p=1$4mm3c9IcrFWjBLrxTSWmPg$Xr1xLhDhYTyxJDWkTPP4LhqhcPfxs9JmjH8yiRT+DAM";

/** Accounts whose stored hashes look like hashes. */
export function hashed(...emails: string[]) {
  const accounts = people(...emails);
  for (const person of accounts.byId.values()) person.passwordHash = argon2;
  return accounts;
}

export function soundKit(
  options: Partial<ResetOptions<Person>> = {},
  accounts = hashed("ada@example.com", "grace@example.com"),
) {
  return makeKit({ secret: randomSecret, ...options }, accounts);
}
